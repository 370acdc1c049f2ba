package dynamo_test

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
)

// calls counts the calls of a store.
type calls struct{ atomic.Int64 }

// RoundTrip implements http.RoundTripper.
func (c *calls) RoundTrip(r *http.Request) (*http.Response, error) {
	c.Add(1)
	return http.DefaultTransport.RoundTrip(r)
}

// A short page of the runs of a rare state does not take a query for each few runs.
func TestRuns_RareState(t *testing.T) {
	made := &calls{}
	table := dynamotest.Open(t, dynamotest.Through(made))
	org, now := table.Org(t, 0), time.Now()
	a := newAutomation(org, now)
	a.Published = &automation.Published{Draft: a.Draft, Version: 1, At: now}
	const runs = 30
	for range runs {
		if _, err := table.Store.CreateRun(t.Context(), a.Start(automation.NewID(), automation.ByWebhook, []byte(`{}`), now)); err != nil {
			t.Fatal(err)
		}
	}
	for state, want := range map[automation.State]int{automation.Failed: 0, automation.Running: 1, "": 1} {
		before := made.Load()
		page, _, err := table.Store.Runs(t.Context(), org, a.ID, state, "", 1)
		if err != nil || len(page) != want {
			t.Errorf("state %q: got %d runs, %v, want %d", state, len(page), err, want)
		}
		if got := made.Load() - before; got != 1 {
			t.Errorf("state %q: got %d queries for one of %d runs, want 1", state, got, runs)
		}
	}
}
