// Command local serves the whole product on this machine: a local AWS, the
// template's functions as processes of their own, the local model, demo data.
//
//	local serve [--binaries DIR]    what `make run` calls
//	local reset                     forgets the data, unless it is being served
//	local withdraw                  takes away the demo.json that a killed program has left
//	local function NAME             one function, as the runner starts it
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/quintet-agents/quintet/shared/routes"
)

func main() {
	if len(os.Args) == 3 && os.Args[1] == "function" {
		startFunction(os.Args[2])
		return
	}
	if err := run(os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "quintet:", err)
		os.Exit(1)
	}
}

func startFunction(name string) {
	route, ok := routes.Find(name)
	if !ok {
		fmt.Fprintf(os.Stderr, "there is no function %s in shared/routes\n", name)
		os.Exit(1)
	}
	route.Start()
}

func run(args []string) error {
	if len(args) == 0 {
		return errors.New("usage: local serve | reset | withdraw")
	}
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	o := options{port: os.Getenv("PORT"), networks: cmp.Or(os.Getenv("PRIVATE_NETWORKS_ALLOWED"), "127.0.0.0/8")}
	flags.StringVar(&o.state, "state", ".local", "where data and demo.json are kept")
	if args[0] == "serve" {
		flags.StringVar(&o.binaries, "binaries", "", "run the bootstraps below this folder instead of this program")
		flags.StringVar(&o.ministack, "ministack", ".venv/bin/ministack", "the MiniStack command")
	}
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	switch args[0] {
	case "serve":
		return serveUntilSignalled(o)
	case "reset":
		return reset(o.state)
	case "withdraw":
		return withdraw(o.state)
	}
	return fmt.Errorf("there is no local %s", args[0])
}

func serveUntilSignalled(o options) error {
	ends := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // it is under nohup
		ends = append(ends, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), ends...)
	defer stop()
	// Whoever reads our output may go first; that is no reason to die before
	// the data are saved.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	err := serve(ctx, o)
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil // what was starting has ended, as it was told to
	}
	return err
}
