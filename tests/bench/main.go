// Command bench measures the built functions on this machine, over loopback:
//
//	start    process start to the first poll of the Runtime API, compared with a hello world
//	stream   time to first token and delay per token, compared with a bare relay
//	accept   acknowledgement of a chat with a callback_url, compared with the two calls it needs
//	inbound  acknowledgement of messages at a fixed rate, compared with the write that each needs
//	waves    growth of the time to first token with the delay of the store
//	units    DynamoDB units of a turn
//
// Every figure compares things that ran alternately within one run: a ratio is valid on another
// machine, a time is not. No figure is a time on AWS.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
)

type options struct {
	binaries  string // a folder of <function>/bootstrap
	other     string // the folder of another build; may be empty
	flags     string // the flags that these were built with
	ministack string
	template  string
	rounds    int
	only      string
}

func main() {
	if len(os.Args) == 3 && os.Args[1] == "relay" {
		exitOn(serveRelay(os.Args[2]))
		return
	}
	if len(os.Args) == 3 && os.Args[1] == "function" {
		startRelay(os.Args[2])
		return
	}
	var o options
	flag.StringVar(&o.binaries, "binaries", ".build", "folder of the built functions, <function>/bootstrap")
	flag.StringVar(&o.other, "other", "", "folder of another build of the functions, for the stream part to compare with")
	flag.StringVar(&o.flags, "flags", "", "the flags of `go build` for them, quoted for a shell")
	flag.StringVar(&o.template, "template", "template.yaml", "the SAM template")
	flag.IntVar(&o.rounds, "rounds", 10, "rounds of each measurement")
	flag.StringVar(&o.only, "only", "", "parts to run, separated by commas: start, units, stream, accept, inbound, waves; empty for all")
	flag.Parse()
	if o.ministack = os.Getenv("MINISTACK"); o.ministack == "" {
		o.ministack = ".venv/bin/ministack"
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	exitOn(run(ctx, o))
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

var parts = []string{"start", "units", "stream", "accept", "inbound", "waves"}

func run(ctx context.Context, o options) (err error) {
	if o.rounds < 1 {
		return errors.New("at least one round is needed")
	}
	for part := range strings.SplitSeq(o.only, ",") {
		if o.only != "" && !slices.Contains(parts, part) {
			return fmt.Errorf("unknown part %q, want one of %s", part, strings.Join(parts, ", "))
		}
	}
	wants := func(part string) bool {
		return o.only == "" || slices.Contains(strings.Split(o.only, ","), part)
	}
	fmt.Printf("%s %s/%s, %d cores, %d rounds; medians (min..max) on loopback, not times on AWS\n",
		runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), o.rounds)
	if wants("start") {
		if err := reportStarts(ctx, o); err != nil {
			return fmt.Errorf("start: %w", err)
		}
	}
	if o.only == "start" {
		return nil
	}
	s, err := openStand(ctx, o)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := s.close(); err == nil {
			err = closeErr
		}
	}()
	for _, part := range []struct {
		name   string
		report func(context.Context, *stand, options) error
	}{{"units", reportUnits}, {"stream", reportStreams}, {"accept", reportAccepts}, {"inbound", reportInbound}, {"waves", reportWaves}} {
		if wants(part.name) {
			if err := part.report(ctx, s, o); err != nil {
				return fmt.Errorf("%s: %w", part.name, err)
			}
		}
	}
	return nil
}

// table starts a table with a title on standard output; the caller flushes it.
func table(title string, columns ...string) *tabwriter.Writer {
	fmt.Printf("\n%s\n", title)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	row(w, columns...)
	return w
}

func row(w *tabwriter.Writer, cells ...string) {
	fmt.Fprintln(w, "  "+strings.Join(cells, "\t"))
}
