package inbox

import (
	"cmp"
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
				ignored(ctx, c, u)
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

// ignored logs why an update has no effect. Accounts of Meta are ids; others are numbers and
// addresses, and those that are not the connection's own may be people's.
func ignored(ctx context.Context, c connection.Connection, u channel.Update) {
	about := []any{"org_id", c.OrgID, "connection_id", c.ID, "reason", cmp.Or(u.Ignored, "no connection of this signer has the account")}
	if c.Channel.Vendor() == connection.MetaVendor {
		about = append(about, "account", u.Account)
	}
	slog.InfoContext(ctx, "update ignored", about...)
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
		settled, err := r.Store.SettleStatus(ctx, Ref{OrgID: c.OrgID, Channel: c.Channel, ConnectionID: c.ID}, *u.Status)
		switch {
		case err != nil:
			return nil, err
		case settled.Chat != nil:
			return &work.Message{Body: *settled.Chat}, nil
		case settled.Found || u.Status.Ref == "" && c.Channel == connection.WhatsApp:
			return nil, nil // a status without our id belongs to a message of another app
		}
		after = settleLater
	}
	now := r.Now()
	u, worth := aged(u, now)
	if !worth {
		slog.WarnContext(ctx, "update ignored; it is older than its record is kept", "org_id", c.OrgID, "connection_id", c.ID, "update_id", UpdateID(u))
		return nil, nil
	}
	received := Received{
		Ref:    Ref{OrgID: c.OrgID, Channel: c.Channel, ConnectionID: c.ID, UpdateID: UpdateID(u)},
		Update: fit(u), At: now,
	}
	fresh, err := r.Store.Receive(ctx, received)
	if err != nil || !fresh {
		return nil, err
	}
	return &work.Message{Body: received.Ref, After: after}, nil
}

// aged returns an update that may be older than the records of updates are kept, so that it may
// be a captured webhook. A message of that age is recorded and not answered. Changes of ids and
// preferences are not worth it: they would undo later ones.
func aged(u channel.Update, now time.Time) (after channel.Update, worth bool) {
	old := func(at time.Time) bool { return !at.IsZero() && now.Sub(at) >= TooOld }
	switch {
	case u.Identity != nil:
		return u, !old(u.Identity.At)
	case u.Preference != nil:
		return u, !old(u.Preference.At)
	case u.Message != nil && old(u.Message.At):
		m := *u.Message
		m.Handling, u.Message = channel.Record, &m
	}
	return u, true
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
