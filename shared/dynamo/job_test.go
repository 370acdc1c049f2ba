package dynamo_test

import (
	"strings"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/job"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/turn"
)

func newJob(org string, at time.Time) job.Job {
	return job.Job{
		Ref: job.Ref{OrgID: org, ID: delivery.NewID()}, URL: "https://example.com/", CreatedAt: at,
		Input: turn.Input{Caller: identity.Caller{OrgID: org, KeyID: "key"}, Agent: "agent", Text: "hi"},
	}
}

// The number of waiting jobs never exceeds the org's limit. A job that ends makes room for one other job.
func TestCreateJob_WaitingLimit(t *testing.T) {
	for name, shards := range map[string]int{"whole account": 1, "account in parts": 3} {
		t.Run(name, func(t *testing.T) {
			b := dynamotest.Open(t)
			now := time.Now()
			org := b.Org(t, ledger.Credit, func(a *ledger.Account) { a.Limits.MaxWaitingTurns, a.Shards = 3, shards })
			var all []job.Job
			for range 3 {
				j := newJob(org, now)
				if err := b.Store.CreateJob(t.Context(), nil, j); err != nil {
					t.Fatal(err)
				}
				all = append(all, j)
			}
			err := b.Store.CreateJob(t.Context(), nil, newJob(org, now))
			if e := fault.From(err); !fault.Is(err, fault.RateLimited) || e.RetryAfter == 0 || !strings.Contains(e.Message, "waiting") {
				t.Fatalf("got %v for a fourth job, want RateLimited with Retry-After", err)
			}
			taken, err := b.Store.ClaimJob(t.Context(), all[0].Ref, "lease", now, now.Add(time.Minute))
			if err != nil || taken == nil {
				t.Fatalf("got job %v, %v; want it claimed", taken, err)
			}
			for _, want := range []bool{true, false} {
				if ours, err := b.Store.FinishJob(t.Context(), *taken, taken.Outcome([]byte("{}"), now)); err != nil || ours != want {
					t.Fatalf("got %t, %v, want %t", ours, err, want)
				}
			}
			if got := b.Account(t, org).Waiting; got != 2 {
				t.Errorf("got %d jobs that wait, want 2", got)
			}
			if err := b.Store.CreateJob(t.Context(), nil, newJob(org, now)); err != nil {
				t.Errorf("got %v after a job has ended, want room for another", err)
			}
		})
	}
}

// A worker that froze can begin no turn of a job that has ended.
func TestFinishJob_EndsKey(t *testing.T) {
	b := dynamotest.Open(t)
	now := time.Now()
	org := b.Org(t, ledger.Credit)
	j := newJob(org, now)
	if err := b.Store.CreateJob(t.Context(), nil, j); err != nil {
		t.Fatal(err)
	}
	taken, err := b.Store.ClaimJob(t.Context(), j.Ref, "lease", now, now.Add(time.Minute))
	if err != nil || taken == nil {
		t.Fatalf("got job %v, %v; want it claimed", taken, err)
	}
	if ours, err := b.Store.FinishJob(t.Context(), *taken, taken.Outcome([]byte("{}"), now)); err != nil || !ours {
		t.Fatalf("got %t, %v; want true", ours, err)
	}
	in, err := j.Turn()
	if err != nil {
		t.Fatal(err)
	}
	kept, err := b.Store.Claim(t.Context(), turn.Claim{Key: *in.Once, TurnID: turn.NewID(), At: now, Until: now.Add(in.OnceFor), Background: true})
	if err != nil || kept == nil || kept.TurnID != "" {
		t.Errorf("got %+v, %v; want a key that is taken, without a turn", kept, err)
	}
}

// A job counts against the rates when it is created; the turn that it runs does not
// count a second time.
func TestCreateJob_CountsAgainstRates(t *testing.T) {
	b := dynamotest.Open(t)
	now := time.Now()
	org := b.Org(t, 10*ledger.Credit, func(a *ledger.Account) { a.Limits.KeyRatePerMinute = 2 })
	for range 2 {
		if err := b.Store.CreateJob(t.Context(), nil, newJob(org, now)); err != nil {
			t.Fatal(err)
		}
	}
	err := b.Store.CreateJob(t.Context(), nil, newJob(org, now))
	if e := fault.From(err); !fault.Is(err, fault.RateLimited) || e.RetryAfter <= 0 || e.RetryAfter > time.Minute {
		t.Fatalf("got %v for a third job, want RateLimited with Retry-After", err)
	}
	if got := b.Account(t, org).Waiting; got != 2 {
		t.Errorf("got %d jobs that wait, want 2", got)
	}
	admission := turn.Admission{OrgID: org, KeyID: "key", TurnID: turn.NewID(), At: now}
	if _, err := b.Store.Admit(t.Context(), admission); !fault.Is(err, fault.RateLimited) {
		t.Errorf("got %v for a chat beyond the rate, want RateLimited", err)
	}
	for range 2 {
		admission.TurnID, admission.Counted = turn.NewID(), true
		if _, err := b.Store.Admit(t.Context(), admission); err != nil {
			t.Errorf("got %v for the turn of an accepted job, want it admitted", err)
		}
	}
}
