package faults_test

import (
	"flag"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/tests/rig"
)

var overload = flag.Bool("overload", false, "flood a rate limit for a minute of the clock")

// Two runners on one table are asked for ten times an org's rate for a minute:
// the turns that are admitted in it are within 5 % of the limit, and the rest a
// 429 that tells when to come back. tests/ledger does the same in seconds, by a
// clock of its own. Real processes have the real clock, so that a whole window
// must pass: that is for `make test-ledger-long`, which CI runs.
func TestRateLimitOfTwoRunnersForAMinute(t *testing.T) {
	if !*overload {
		t.Skip("it waits for whole minutes of the clock: `make test-ledger-long` gives it -overload")
	}
	const limit, times = 60, 10
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

	var refused, failed atomic.Int64
	var wave sync.WaitGroup
	now := time.Now()
	<-time.After(now.Truncate(time.Minute).Add(time.Minute + 100*time.Millisecond).Sub(now))
	minute := time.Now().UTC().Truncate(time.Minute)
	tick := time.NewTicker(time.Minute / (limit * times))
	defer tick.Stop()
	for n := 0; n < limit*times && time.Since(minute) < time.Minute; n++ {
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
				failed.Add(1) // too much for this machine
			}
		})
		<-tick.C
	}
	wave.Wait()
	admitted := r.admittedIn(t, minute)
	t.Logf("%d admitted, %d refused, %d failed", admitted, refused.Load(), failed.Load())
	if admitted < limit*95/100 || admitted > limit*105/100 {
		t.Errorf("%d were admitted, the limit is %d", admitted, limit)
	}
	if refused.Load() < limit*times/2 {
		t.Errorf("only %d were refused: this was no overload", refused.Load())
	}
}

// admittedIn counts the turns that began in a minute.
func (r faultRig) admittedIn(t *testing.T, minute time.Time) (turns int) {
	t.Helper()
	for _, item := range r.Items(t) {
		if at, ok := item["started_at"].(*types.AttributeValueMemberS); ok && at.Value[:len("2006-01-02T15:04")] == minute.Format("2006-01-02T15:04") {
			turns++
		}
	}
	return turns
}
