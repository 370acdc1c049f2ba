// Package later returns the dependencies for work after the answer: queues, signing
// secrets, and the client for customers' URLs. It is separate from package boot, because
// most functions do not need them.
package later

import (
	"context"
	"errors"
	"net/http"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/awscall"
	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/boot/guard"
	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/delivery/outbound"
	"github.com/quintet-agents/quintet/shared/dynamo"
	"github.com/quintet-agents/quintet/shared/event"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/shared/job"
	"github.com/quintet-agents/quintet/shared/kms"
	"github.com/quintet-agents/quintet/shared/queue"
	"github.com/quintet-agents/quintet/shared/secret"
	"github.com/quintet-agents/quintet/shared/turn"
	"github.com/quintet-agents/quintet/shared/work"
)

// Deliveries returns the queue of deliveries.
func Deliveries(d *boot.Deps) *queue.Queue { return queueAt(d, d.Config().DeliveriesQueue) }

// Jobs returns the queue of jobs.
func Jobs(d *boot.Deps) *queue.Queue { return queueAt(d, d.Config().CallbacksQueue) }

// Automations returns the queue of runs of automations.
func Automations(d *boot.Deps) *queue.Queue { return queueAt(d, d.Config().AutomationsQueue) }

// Inbox returns the queue of a vendor's channels.
func Inbox(d *boot.Deps, v connection.Vendor) *queue.Queue {
	c := d.Config()
	return queueAt(d, map[connection.Vendor]string{connection.MetaVendor: c.MetaQueue, connection.TwilioVendor: c.TwilioQueue, connection.MailVendor: c.MailQueue}[v])
}

// Inboxes returns the queues of all vendors.
func Inboxes(d *boot.Deps) func(connection.Vendor) work.Queue {
	return func(v connection.Vendor) work.Queue { return Inbox(d, v) }
}

// Desk returns what people of the business do on threads of channels.
func Desk(d *boot.Deps) *inbox.Desk {
	return &inbox.Desk{Store: d.Store(), Workers: func(c connection.Channel) work.Queue { return Inbox(d, c.Vendor()) }, Now: d.Now}
}

// DeadLetters returns the dead-letter queue of a queue.
func DeadLetters(ctx context.Context, d *boot.Deps, queueName string) (*queue.Dead, error) {
	return queue.DeadOf(ctx, queues(d), queueName)
}

func queueAt(d *boot.Deps, url string) *queue.Queue {
	return queue.New(sync.OnceValue(func() *sqs.Client { return queues(d) }), url)
}

func queues(d *boot.Deps) *sqs.Client { return sqs.NewFromConfig(d.AWS("sqs", d.Config().Endpoint)) }

// Secrets returns the keeper of signing secrets.
func Secrets(d *boot.Deps) *secret.Keeper {
	return &secret.Keeper{Store: d.Store(), Now: d.Now, Box: box(d)}
}

// Credentials seals the secrets of connections.
func Credentials(d *boot.Deps) connection.Sealer { return box(d) }

// AgentSecrets seals the secrets of agents.
func AgentSecrets(d *boot.Deps) agent.Sealer { return box(d) }

// AutomationSecrets seals the secrets of automations.
func AutomationSecrets(d *boot.Deps) automation.Sealer { return box(d) }

// Opener opens the secrets of connections, those of the channel that the function has.
func Opener(d *boot.Deps) channel.Opener { return box(d) }

// ProviderHTTP is the client of providers' APIs.
func ProviderHTTP(d *boot.Deps) *http.Client { return outbound.NewHTTPClient(guard.Of(d), nil) }

func box(d *boot.Deps) kms.Box {
	c := d.Config()
	return kms.Box{KMS: awscall.Service{Config: d.AWS("kms", c.Endpoint), Name: "kms", Now: d.Now}, KeyID: c.SecretsKey}
}

// URLs returns the checker of customers' URLs.
func URLs(d *boot.Deps) outbound.Checker { return outbound.Checker{Guard: guard.Of(d)} }

// Intake returns the intake of jobs.
func Intake(d *boot.Deps) job.Intake {
	return job.Intake{Creator: d.Store(), URLs: URLs(d), Workers: Jobs(d), Now: d.Now}
}

// Callbacks returns the worker of jobs, with the report of their surface.
func Callbacks(d *boot.Deps, turns turn.Runner, report job.Report) *job.Worker {
	return &job.Worker{Store: d.Store(), Turns: turns, Report: report, Workers: Jobs(d), Deliveries: Deliveries(d), Now: d.Now}
}

// Worker returns the worker of deliveries.
func Worker(d *boot.Deps) *delivery.Worker {
	deliveries := Deliveries(d)
	return &delivery.Worker{
		Store: d.Store(), Secrets: Secrets(d), Sender: outbound.NewClient(guard.Of(d), nil, d.Now),
		Fanout: &event.Fanout{
			Store: d.Store(), Workers: deliveries, Now: d.Now,
			Runs: &automation.Starter{Store: d.Store(), Workers: Automations(d), Now: d.Now},
		},
		Queue: deliveries, Now: d.Now,
	}
}

// Events returns the follower that derives events from changes of the table.
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

// Sweep returns the task that wakes workers for due jobs, deliveries and runs of automations,
// and for the updates and chats of channels.
func Sweep(d *boot.Deps) boot.Job {
	jobs := []boot.Job{
		work.Sweep(d.Store().WaitingJobs(), Jobs(d)), work.Sweep(d.Store().WaitingDeliveries(), Deliveries(d)),
		work.Sweep(d.Store().WaitingRuns(), Automations(d)),
	}
	for _, v := range connection.Vendors() {
		jobs = append(jobs, work.Sweep(d.Store().WaitingInbox(v), Inbox(d, v)))
	}
	return boot.Jobs(jobs...)
}
