// Package later makes what works after the answer: queues, the secrets that
// sign, the client of customers' URLs. It is apart from package boot because
// most functions have no use for any of that.
package later

import (
	"context"
	"errors"
	"net/netip"
	"sync"

	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/delivery/outbound"
	"github.com/quintet-agents/quintet/shared/dynamo"
	"github.com/quintet-agents/quintet/shared/event"
	"github.com/quintet-agents/quintet/shared/job"
	"github.com/quintet-agents/quintet/shared/kms"
	"github.com/quintet-agents/quintet/shared/queue"
	"github.com/quintet-agents/quintet/shared/secret"
	"github.com/quintet-agents/quintet/shared/turn"
	"github.com/quintet-agents/quintet/shared/work"
)

// Deliveries is the queue of what goes to customers' URLs.
func Deliveries(d *boot.Deps) *queue.Queue { return queueAt(d, d.Config().DeliveriesQueue) }

// Jobs is the queue of turns that are run later.
func Jobs(d *boot.Deps) *queue.Queue { return queueAt(d, d.Config().CallbacksQueue) }

// DeadLetters is where the messages of a queue end that no worker could handle.
func DeadLetters(ctx context.Context, d *boot.Deps, queueName string) (*queue.Dead, error) {
	return queue.DeadOf(ctx, queues(d), queueName)
}

func queueAt(d *boot.Deps, url string) *queue.Queue {
	return queue.New(sync.OnceValue(func() *sqs.Client { return queues(d) }), url)
}

func queues(d *boot.Deps) *sqs.Client { return sqs.NewFromConfig(d.AWS("sqs", d.Config().Endpoint)) }

// Secrets keeps what signs.
func Secrets(d *boot.Deps) *secret.Keeper {
	c := d.Config()
	return &secret.Keeper{
		Store: d.Store(), Now: d.Now,
		Box: kms.Box{Client: awskms.NewFromConfig(d.AWS("kms", c.Endpoint)), KeyID: c.SecretsKey},
	}
}

// URLs looks at the URLs that customers give.
func URLs(d *boot.Deps) outbound.Checker { return outbound.Checker{Guard: guard(d)} }

// Intake accepts turns that run later.
func Intake(d *boot.Deps) job.Intake {
	return job.Intake{Creator: d.Store(), URLs: URLs(d), Workers: Jobs(d), Now: d.Now}
}

// Callbacks runs the turns that were accepted. The report is that of their surface.
func Callbacks(d *boot.Deps, turns turn.Runner, report job.Report) *job.Worker {
	return &job.Worker{Store: d.Store(), Turns: turns, Report: report, Workers: Jobs(d), Deliveries: Deliveries(d), Now: d.Now}
}

// Worker sends deliveries.
func Worker(d *boot.Deps) *delivery.Worker {
	deliveries := Deliveries(d)
	return &delivery.Worker{
		Store: d.Store(), Secrets: Secrets(d), Sender: outbound.NewClient(guard(d), nil, d.Now),
		Fanout: &event.Fanout{Store: d.Store(), Workers: deliveries, Now: d.Now}, Queue: deliveries, Now: d.Now,
	}
}

// Events makes events of the table's changes.
func Events(d *boot.Deps) boot.Follow {
	feed := &event.Feed{Store: d.Store(), Workers: Deliveries(d), Now: d.Now}
	return func(ctx context.Context, rows []boot.Row) (done int, err error) {
		changes := make([]event.Change, len(rows))
		for i, r := range rows {
			c, err := dynamo.ReadChange(r.Before, r.After)
			if err != nil {
				done, failed := feed.Follow(ctx, changes[:i]) // the rows before this one
				return done, errors.Join(failed, err)
			}
			c.ID, c.At = r.ID, r.At
			changes[i] = c
		}
		return feed.Follow(ctx, changes)
	}
}

// Sweep wakes workers for the jobs and deliveries that are due.
func Sweep(d *boot.Deps) boot.Job {
	return boot.Jobs(work.Sweep(d.Store().WaitingJobs(), Jobs(d)), work.Sweep(d.Store().WaitingDeliveries(), Deliveries(d)))
}

// guard opens the networks that the environment names, but never the API that
// a function gets its work from.
func guard(d *boot.Deps) *outbound.Guard {
	c := d.Config()
	open, err := outbound.ParseNetworks(c.PrivateNetworks)
	if err != nil {
		panic(err) // at a function's start, where it is noticed
	}
	var never []netip.AddrPort
	if api, err := netip.ParseAddrPort(c.RuntimeAPI); err == nil {
		never = append(never, api)
	}
	return outbound.NewGuard(open, never...)
}
