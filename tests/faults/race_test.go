package faults_test

import (
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/tests/rig"
)

// 64 turns at a time, each in a Lambda process, on a balance that covers 20
// holds: never more than 20 are open, the rest get a real 402, and the books
// add up.
func TestConcurrentTurnsOnAShortBalance(t *testing.T) {
	const callers, covered = 64, 20
	const start = covered * ledger.DefaultHold
	r := faultRig{rig.Start(t, start)}
	threads := make([]string, callers)
	for i := range threads {
		threads[i] = r.Thread(t)
	}

	done := make(chan struct{})
	var most int
	var watcher sync.WaitGroup
	watcher.Go(func() {
		for {
			account := r.Account(t, r.Org)
			most = max(most, len(account.Open))
			if account.Available < 0 {
				t.Errorf("available is %d", account.Available)
			}
			select {
			case <-done:
				return
			default:
			}
		}
	})
	var answered, refused atomic.Int64
	var race sync.WaitGroup
	for _, thread := range threads {
		race.Go(func() {
			res, err := r.Post(thread, "[[words 20]] [[delay 100]]")
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = res.Body.Close() }()
			switch res.StatusCode {
			case http.StatusOK:
				events, err := rig.Events(res.Body)
				if err != nil || events[len(events)-1].Name != "done" {
					t.Errorf("the stream ended with %v, %v", events, err)
				}
				answered.Add(1)
			case http.StatusPaymentRequired:
				refused.Add(1)
			default:
				body, _ := io.ReadAll(res.Body)
				t.Errorf("status %d: %s", res.StatusCode, body)
			}
		})
	}
	race.Wait()
	close(done)
	watcher.Wait()

	t.Logf("%d answered, %d refused, %d open at most", answered.Load(), refused.Load(), most)
	if most > covered || refused.Load() == 0 || answered.Load()+refused.Load() != callers {
		t.Errorf("%d answered, %d refused, %d open at a time; %d are covered", answered.Load(), refused.Load(), most, covered)
	}
	charged, turns := r.settled(t)
	account := r.Account(t, r.Org)
	if int64(turns) != answered.Load() || account.Held() != 0 || account.Balance() != start-charged {
		t.Errorf("%d turns settled for %d; balance %d, held %d", turns, charged, account.Balance(), account.Held())
	}
}
