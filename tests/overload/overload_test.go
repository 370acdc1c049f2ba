// Package overload_test floods real processes for a minute of the real clock. It has its own
// package so that other tests run meanwhile: it mostly waits.
package overload_test

import (
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/tests/rig"
)

func TestMain(m *testing.M) { rig.Main(m) }

// Two runners on one table get ten times an org's rate for a minute, starting at any second
// of the clock and after one or two requests. The turns admitted in 60 seconds from the first
// are within 5 % of the limit, and the others get a 429 with Retry-After. tests/ledger checks
// several windows in seconds, with a simulated clock.
func TestRateLimit_TwoRunnersForAMinute(t *testing.T) {
	const limit, times = 60, 10
	r := rig.Start(t, 1000*ledger.Credit)
	org := r.Table.Org(t, 1000*ledger.Credit, func(a *ledger.Account) { a.Limits.RatePerMinute = limit })
	key, _ := r.Table.Key(t, org, "")
	agent := r.Table.Agent(t, org, "be brief")
	runners := []*rig.Rig{r, r.Beside(t)}
	threads := make([]string, 0, len(runners))
	for _, x := range runners {
		x.Org, x.Key, x.Agent = org, key, agent
		x.Warm(t, x.Thread(t))
		threads = append(threads, x.Thread(t))
	}

	var refused, failed atomic.Int64
	var wave sync.WaitGroup
	begin := time.Now()
	tick := time.NewTicker(time.Minute / (limit * times))
	defer tick.Stop()
	for n := 0; n < limit*times && time.Since(begin) < time.Minute; n++ {
		x, thread := runners[n%len(runners)], threads[n%len(runners)]
		wave.Go(func() {
			res, err := x.Post(thread, "hi")
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
			switch {
			case res.StatusCode == http.StatusTooManyRequests && res.Header.Get("Retry-After") != "":
				refused.Add(1)
			case res.StatusCode != http.StatusOK:
				failed.Add(1) // this machine is overloaded
			}
		})
		<-tick.C
	}
	wave.Wait()
	admitted := admittedFirst(t, r, time.Minute)
	t.Logf("%d admitted, %d refused, %d failed", admitted, refused.Load(), failed.Load())
	if admitted < limit*95/100 || admitted > limit*105/100 {
		t.Errorf("got %d admitted, want %d within 5 %%", admitted, limit)
	}
	if refused.Load() < limit*times/2 {
		t.Errorf("got %d refused, want at least %d: an overload", refused.Load(), limit*times/2)
	}
}

// admittedFirst counts the org's turns in a span that begins with its first.
func admittedFirst(t *testing.T, r *rig.Rig, long time.Duration) (turns int) {
	t.Helper()
	var began []time.Time
	for _, item := range r.Items(t) {
		at, ok := item["started_at"].(*types.AttributeValueMemberS)
		if org, _ := item["org_id"].(*types.AttributeValueMemberS); !ok || org.Value != r.Org {
			continue
		}
		start, err := time.Parse(time.RFC3339, at.Value)
		if err != nil {
			t.Fatal(err)
		}
		began = append(began, start)
	}
	slices.SortFunc(began, time.Time.Compare)
	for _, at := range began {
		if at.Sub(began[0]) < long {
			turns++
		}
	}
	return turns
}
