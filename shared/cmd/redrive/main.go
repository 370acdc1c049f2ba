// Command redrive lists the messages that no worker could handle, and sends them back
// to their queue once the cause is fixed.
//
//	redrive QUEUE        lists the dead messages of a queue, oldest first
//	redrive QUEUE ID     sends one back
//	redrive QUEUE all    sends back all
//
// QUEUE is the name or the URL of the source queue, as in the stack's outputs. Sending a
// message twice is harmless: it only names a row, and the state of the row decides
// whether there is work to do.
//
// AWS_REGION and credentials come from the environment.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"text/tabwriter"
	"time"

	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/boot/later"
	"github.com/quintet-agents/quintet/shared/cmd/command"
	"github.com/quintet-agents/quintet/shared/queue"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "redrive:", err)
		os.Exit(1)
	}
}

const usage = `Lists the messages that no worker could handle, and sends them back to the
workers once the cause is fixed.

Usage:
  redrive QUEUE       lists the dead messages of a queue, the oldest first
  redrive QUEUE ID    sends one back
  redrive QUEUE all   sends all back
  redrive --help
  redrive --version

QUEUE is the name or the URL of the queue that the messages came from: the
stack's outputs CallbacksQueue, DeliveriesQueue, InboxMetaQueue,
InboxTwilioQueue, InboxMailQueue and AutomationsQueue.

Example:
  AWS_REGION=us-east-1 redrive quintet-Callbacks-1ABC

Environment: AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, of
temporary credentials, AWS_SESSION_TOKEN.
`

var errUsage = errors.New("usage: redrive QUEUE [ID | all] (--help says more)")

func run(ctx context.Context, args []string, out io.Writer) error {
	if command.Asked("redrive", usage, args, out) {
		return nil
	}
	if len(args) < 1 || len(args) > 2 {
		return errUsage
	}
	c := boot.FromEnvironment()
	if err := c.CheckAWS(); err != nil {
		return err
	}
	dead, err := later.DeadLetters(ctx, boot.NewDeps(c), args[0])
	if err != nil {
		return err
	}
	if len(args) == 1 {
		return list(ctx, dead, out)
	}
	return move(ctx, dead, args[1], out)
}

func list(ctx context.Context, dead *queue.Dead, out io.Writer) error {
	letters, err := dead.List(ctx)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "ID\tAGE\tRECEIVED\tBODY")
	for _, l := range letters {
		age := time.Since(l.SentAt).Truncate(time.Second)
		_, _ = fmt.Fprintf(table, "%s\t%s\t%d\t%#.200q\n", l.ID, age, l.Received, l.Body)
	}
	return errors.Join(err, table.Flush())
}

func move(ctx context.Context, dead *queue.Dead, which string, out io.Writer) error {
	moved, err := dead.Move(ctx, func(l queue.Letter) bool { return which == "all" || l.ID == which })
	if err == nil && moved == 0 && which != "all" {
		return fmt.Errorf("there is no message %s", which)
	}
	_, printed := fmt.Fprintf(out, "Sent back: %d.\n", moved)
	return errors.Join(err, printed)
}
