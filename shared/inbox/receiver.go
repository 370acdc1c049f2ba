package inbox

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/work"
)

// Receiver stores the updates of webhooks. Its callers have checked that they are authentic.
type Receiver struct {
	Store interface {
		Connections
		Intake
	}
	Accounts *Accounts
	Workers  work.Queue
	Now      func() time.Time
}

// receivedAtOnce is how many updates of a batch are stored concurrently.
const receivedAtOnce = 48

// Take stores the updates that a connection's webhook reported, each with one conditional
// write, and wakes a worker for those that are new. After an error the provider must deliver
// the batch again; what was stored then has no second effect. Once an update is stored, a lost
// message only delays it.
func (r *Receiver) Take(ctx context.Context, c connection.Connection, updates []channel.Update) error {
	var (
		mu    sync.Mutex
		fresh []work.Message
		all   errgroup.Group
		owner = r.owners(ctx, c)
	)
	all.SetLimit(receivedAtOnce)
	for _, u := range updates {
		all.Go(func() error {
			to, known, err := c, true, error(nil)
			if u.Ignored == "" {
				to, known, err = owner(u.Account)
			}
			if err != nil {
				return err
			}
			if !known || u.Ignored != "" {
				slog.InfoContext(ctx, "update ignored", "org_id", c.OrgID, "connection_id", c.ID, "account", u.Account, "reason", u.Ignored)
				return nil
			}
			m, err := r.take(ctx, to, u)
			if m != nil {
				mu.Lock()
				defer mu.Unlock()
				fresh = append(fresh, *m)
			}
			return err
		})
	}
	err := all.Wait()
	if len(fresh) > 0 {
		if err := r.Workers.Send(ctx, fresh...); err != nil {
			slog.WarnContext(ctx, "no worker was woken for updates; the sweep will wake one", "org_id", c.OrgID, "connection_id", c.ID, "error", err)
		}
	}
	return err
}

// settleLater is how long a status waits whose message was not found: the record of a send
// may be on its way.
const settleLater = 10 * time.Second

// take stores one update. It returns the message for a worker, if there is work.
func (r *Receiver) take(ctx context.Context, c connection.Connection, u channel.Update) (*work.Message, error) {
	var after time.Duration
	switch {
	case u.Notice != nil:
		return nil, r.notice(ctx, c, *u.Notice)
	case u.Status != nil:
		if u.Status.At.IsZero() { // Twilio gives no time
			u.Status.At = r.Now()
		}
		if err := r.slowed(ctx, c, *u.Status); err != nil {
			return nil, err
		}
		found, err := r.Store.SettleStatus(ctx, Ref{OrgID: c.OrgID, Channel: c.Channel, ConnectionID: c.ID}, *u.Status)
		if err != nil || found || u.Status.Ref == "" && c.Channel == connection.WhatsApp {
			return nil, err // a status without our id belongs to a message of another app
		}
		after = settleLater
	}
	received := Received{
		Ref:    Ref{OrgID: c.OrgID, Channel: c.Channel, ConnectionID: c.ID, UpdateID: UpdateID(u)},
		Update: fit(u), At: r.Now(),
	}
	fresh, err := r.Store.Receive(ctx, received)
	if err != nil || !fresh {
		return nil, err
	}
	return &work.Message{Body: received.Ref, After: after}, nil
}

// slowed reports a provider that slows the connection down, which the status of a message may say
// later than the response to its send. A status that is redelivered late says nothing about now.
func (r *Receiver) slowed(ctx context.Context, c connection.Connection, s channel.Status) error {
	if s.Failure == nil || r.Now().Sub(s.At) > connection.SlowFor {
		return nil
	}
	p, ok := s.Failure.Problem(r.Now())
	if !ok || !p.Passes() {
		return nil
	}
	return r.Store.ReportProblem(ctx, c.OrgID, c.ID, c.Credentials, p)
}

func (r *Receiver) notice(ctx context.Context, c connection.Connection, n channel.Notice) error {
	if !n.Stops && n.Code != connection.QualityLimit {
		slog.WarnContext(ctx, "provider reported something about an account", "org_id", c.OrgID, "connection_id", c.ID, "code", n.Code, "message", n.Message)
		return nil
	}
	return r.Store.ReportProblem(ctx, c.OrgID, c.ID, c.Credentials, connection.Problem{Code: n.Code, Message: n.Message, Action: n.Action, Since: r.Now()})
}
