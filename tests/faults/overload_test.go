package faults_test

import (
	"flag"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/tests/rig"
)

var overload = flag.Bool("overload", false, "flood a rate limit for a minute of the clock")

// Two runners on one table are asked for ten times an org's rate for a minute:
// the answers are within 5 % of the limit, and the rest a 429 that tells when
// the minute ends. tests/ledger does the same in seconds, by a clock of its own.
func TestRateLimitOfTwoRunnersForAMinute(t *testing.T) {
	if !*overload {
		t.Skip("it takes up to two minutes: give it -overload")
	}
	const limit, times = 120, 10
	r := faultRig{rig.Start(t, 1000*ledger.Credit)}
	runners := []faultRig{r, {r.Beside(t)}}
	threads := make([]string, 0, len(runners))
	for _, x := range runners {
		threads = append(threads, x.Thread(t))
		x.warm(t, threads[len(threads)-1])
	}
	if _, err := r.Store.ChangeTerms(t.Context(), r.Org, ledger.TermsPatch{RatePerMinute: new(limit)}); err != nil {
		t.Fatal(err)
	}

	var admitted, refused atomic.Int64
	var wave sync.WaitGroup
	now := time.Now()
	<-time.After(now.Truncate(time.Minute).Add(time.Minute + 100*time.Millisecond).Sub(now))
	end := time.Now().Truncate(time.Minute).Add(time.Minute)
	tick := time.NewTicker(time.Minute / (limit * times))
	defer tick.Stop()
	for n := 0; n < limit*times && time.Until(end) > time.Second; n++ {
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
			case res.StatusCode == http.StatusOK:
				admitted.Add(1)
			case res.StatusCode == http.StatusTooManyRequests && res.Header.Get("Retry-After") != "":
				refused.Add(1)
			default:
				t.Errorf("status %d, %v", res.StatusCode, res.Header)
			}
		})
		<-tick.C
	}
	wave.Wait()
	t.Logf("%d answered, %d refused", admitted.Load(), refused.Load())
	if got := admitted.Load(); got < limit*95/100 || got > limit*105/100 || refused.Load() < limit*(times-2) {
		t.Errorf("%d answered, the limit is %d; %d refused", got, limit, refused.Load())
	}
}
