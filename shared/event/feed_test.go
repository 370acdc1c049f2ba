package event_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/event"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/turn"
	"github.com/quintet-agents/quintet/shared/work"
)

// orgs is a store in which each org has one webhook that wants all events. A test can
// hook into the moment before an org's fan-out is stored.
type orgs struct {
	event.Store

	before func(orgID string) error

	mu     sync.Mutex
	stored []string // turns, in the order that their fan-outs were stored
}

func (o *orgs) Listeners(_ context.Context, orgID string) (event.Listeners, error) {
	return event.Listeners{Webhooks: []delivery.Webhook{{ID: "e", OrgID: orgID, Events: event.Types}}}, nil
}

func (o *orgs) CreateDelivery(_ context.Context, _ *idempotency.Change, d delivery.Delivery) error {
	if err := o.before(d.OrgID); err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.stored = append(o.stored, d.EventID)
	return nil
}

type nobody struct{}

func (nobody) Send(context.Context, ...work.Message) error { return nil }

func follow(t *testing.T, o *orgs, turns ...string) (int, error) {
	t.Helper()
	var changes []event.Change
	for _, id := range turns {
		changes = append(changes, event.Change{ID: id, Turn: &turn.Turn{ID: id, OrgID: id[:1], Starts: true, SettledAt: at}})
	}
	feed := &event.Feed{Store: o, Workers: nobody{}, Now: func() time.Time { return at }}
	return feed.Follow(t.Context(), changes)
}

// A slow org does not delay the other orgs of the batch.
func TestFollow_OrgsConcurrently(t *testing.T) {
	quiet := make(chan struct{})
	o := &orgs{before: func(org string) error {
		if org == "b" {
			close(quiet)
			return nil
		}
		<-quiet
		return nil
	}}
	if done, err := follow(t, o, "a1", "a2", "b1", "a3"); err != nil || done != 4 {
		t.Fatalf("got %d, %v; want 4", done, err)
	}
	slices.SortStableFunc(o.stored, func(a, b string) int { return strings.Compare(a[:len("evt_a")], b[:len("evt_a")]) }) // a's in their order
	want := []string{"evt_a1_started", "evt_a2_started", "evt_a3_started", "evt_b1_started"}
	if d := cmp.Diff(want, o.stored); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// Follow reports the changes before the first failure of any org as done. Later
// changes of other orgs are handled as well.
func TestFollow_FirstFailure(t *testing.T) {
	for name, c := range map[string]struct {
		fails []string
		want  int
	}{
		"none":      {nil, 4},
		"one org":   {[]string{"b"}, 1},
		"another":   {[]string{"c"}, 3},
		"both":      {[]string{"c", "b"}, 1},
		"all three": {[]string{"a", "b", "c"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			o := &orgs{before: func(org string) error {
				if slices.Contains(c.fails, org) {
					return errors.New("no")
				}
				return nil
			}}
			if got, err := follow(t, o, "a1", "b1", "a2", "c1"); got != c.want || (err == nil) != (c.fails == nil) {
				t.Errorf("got %d, %v, want %d", got, err, c.want)
			}
		})
	}
	o := &orgs{before: func(org string) error {
		if org == "b" {
			panic("no")
		}
		return nil
	}}
	if got, err := follow(t, o, "a1", "b1"); got != 0 || err == nil {
		t.Errorf("after a panic: got %d, %v, want 0 and an error", got, err)
	}
}
