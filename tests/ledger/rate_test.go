package ledger_test

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/dynamo"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/turn"
)

const (
	perMinute = 30
	overload  = 10
	windows   = 2
)

// Two processes on one table are asked for ten times what an org, or a key, may
// have in a minute, evenly or all at once. In each minute exactly the limit is
// admitted, and whoever is refused is told when the minute ends.
func TestRateLimitUnderOverload(t *testing.T) {
	table := dynamotest.Open(t)
	stores := []*dynamo.Store{table.Beside().Store, table.Beside().Store}
	limits := map[string]func(*ledger.Account){
		"org": func(a *ledger.Account) { a.Limits.RatePerMinute, a.Limits.KeyRatePerMinute = perMinute, 10*perMinute },
		"key": func(a *ledger.Account) { a.Limits.RatePerMinute, a.Limits.KeyRatePerMinute = 10*perMinute, perMinute },
	}
	for name, limit := range limits {
		for _, burst := range []bool{false, true} {
			t.Run(map[bool]string{false: name + " evenly", true: name + " at once"}[burst], func(t *testing.T) {
				flood(t, stores, table.Org(t, 1000*ledger.Credit, limit), burst)
			})
		}
	}
}

// flood asks for turns through some stores at a time and checks how many there
// are in each minute of a clock that nobody waits for.
func flood(t *testing.T, stores []*dynamo.Store, org string, burst bool) {
	t.Helper()
	begin := time.Date(2026, 5, 31, 23, 59, 0, 0, time.UTC) // a month ends in between
	const attempts = perMinute * overload
	for minute := range windows {
		start := begin.Add(time.Duration(minute) * time.Minute)
		var admitted atomic.Int64
		var wave sync.WaitGroup
		for i, store := range stores {
			random := rand.New(rand.NewPCG(uint64(minute), uint64(i)))
			wave.Go(func() {
				for n := range attempts / len(stores) {
					at := start
					if !burst {
						at = start.Add(time.Minute * time.Duration(n) / time.Duration(attempts/len(stores)))
					}
					at = at.Add(time.Duration(random.IntN(50)) * time.Millisecond)
					hold, err := store.Admit(t.Context(), turn.Admission{OrgID: org, KeyID: "k", TurnID: turn.NewIDAt(at), Kind: ledger.Hosted, At: at})
					if err == nil {
						admitted.Add(1)
						err = store.Release(t.Context(), hold)
					} else if after := start.Add(time.Minute).Sub(at); fault.Is(err, fault.RateLimited) && fault.From(err).RetryAfter == after {
						continue
					}
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wave.Wait()
		if admitted.Load() != perMinute {
			t.Errorf("minute %d: %d of %d were admitted, the limit is %d", minute, admitted.Load(), attempts, perMinute)
		}
	}
}
