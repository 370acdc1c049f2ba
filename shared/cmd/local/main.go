// Command local serves the whole product on this machine: a local AWS, the
// template's functions as processes of their own, the local model, demo data.
//
//	local serve [--binaries DIR]    what `make run` calls
//	local function NAME             one function, as the runner starts it
package main

import (
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
	if len(os.Args) < 2 || os.Args[1] != "serve" {
		fmt.Fprintln(os.Stderr, "usage: local serve [--binaries DIR]")
		os.Exit(2)
	}
	if err := runServe(os.Args[2:]); err != nil && !errors.Is(err, flag.ErrHelp) {
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

func runServe(args []string) error {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	o := options{}
	flags.StringVar(&o.binaries, "binaries", "", "run the bootstraps below this folder instead of this program")
	flags.StringVar(&o.state, "state", ".local", "where data and demo.json are kept")
	flags.StringVar(&o.ministack, "ministack", ".venv/bin/ministack", "the MiniStack command")
	if err := flags.Parse(args); err != nil {
		return err
	}
	o.port = os.Getenv("PORT")
	if o.port == "" {
		o.port = "3000"
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return serve(ctx, o)
}
