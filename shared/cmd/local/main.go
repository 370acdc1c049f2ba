// Command local serves the whole product on this machine: a local AWS, one process for
// each of the template's functions, the local model, and demo data.
//
//	local serve [--binaries DIR]    serves everything, for `make run`
//	local reset                     deletes the data, unless it is being served
//	local withdraw                  deletes the demo.json that a killed program left
//	local function NAME             runs one function; the runner calls this
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

	"github.com/quintet-agents/quintet/shared/channel/meta"
	"github.com/quintet-agents/quintet/shared/channel/twilio"
	"github.com/quintet-agents/quintet/shared/cmd/command"
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

const usage = `Serves the whole product on this machine: a local AWS, the functions of
template.yaml, a local model and demo data. Run it at the project's root.

Usage:
  local serve [--state DIR] [--binaries DIR] [--ministack PROGRAM]
  local reset [--state DIR]      deletes the data; nothing may be served from it
  local withdraw [--state DIR]   removes the demo.json that a killed program left
  local function NAME            runs one function; only the runner calls this
  local COMMAND --help           lists the flags of a command
  local --version

Example:
  PORT=3001 local serve --state .local

Environment: PORT, MODEL_BASE_URL, MODEL_NAME, MODEL_API_KEY,
PRIVATE_NETWORKS_ALLOWED, META_GRAPH_URL, INSTAGRAM_GRAPH_URL,
TWILIO_API_URL; shared/docs/local.md explains them.
`

func run(args []string) error {
	if command.Asked("local", usage, args, os.Stdout) {
		return nil
	}
	if len(args) == 0 {
		return errors.New("no command is given: `local --help` lists them")
	}
	flags := flag.NewFlagSet("local "+args[0], flag.ContinueOnError)
	o := options{
		port: os.Getenv("PORT"), networks: cmp.Or(os.Getenv("PRIVATE_NETWORKS_ALLOWED"), "127.0.0.0/8"),
		metaGraph: cmp.Or(os.Getenv("META_GRAPH_URL"), meta.DefaultURL), instagram: cmp.Or(os.Getenv("INSTAGRAM_GRAPH_URL"), meta.DefaultInstagramURL),
		twilio: cmp.Or(os.Getenv("TWILIO_API_URL"), twilio.DefaultURL),
	}
	flags.StringVar(&o.state, "state", ".local", "the `folder` that keeps the data and demo.json")
	var act func() error
	switch args[0] {
	case "serve":
		flags.StringVar(&o.binaries, "binaries", "", "run the bootstraps below this `folder` instead of this program")
		flags.StringVar(&o.ministack, "ministack", ".venv/bin/ministack", "the MiniStack `program`")
		act = func() error { return serveUntilSignalled(o) }
	case "reset":
		act = func() error { return reset(o.state) }
	case "withdraw":
		act = func() error { return withdraw(o.state) }
	default:
		return fmt.Errorf("there is no command %q: `local --help` lists them", args[0])
	}
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	return act()
}

func serveUntilSignalled(o options) error {
	ends := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // nohup ignores it
		ends = append(ends, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), ends...)
	defer stop()
	// The reader of our output may exit first. Ignore that, so that the data are
	// still saved.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	err := serve(ctx, o)
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil // the user stopped the program while it was starting
	}
	return err
}
