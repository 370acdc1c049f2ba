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

// 64 turns run at a time, each in a Lambda process, on a balance that covers 20
// holds. At most 20 are ever open, the others get a real 402, and the balance equals
// the initial one minus the charges.
func TestTurns_ConcurrentOnShortBalance(t *testing.T) {
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
				t.Errorf("got %d available, want at least 0", account.Available)
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
					t.Errorf("got a stream that ends with %v, %v, want done", events, err)
				}
				answered.Add(1)
			case http.StatusPaymentRequired:
				refused.Add(1)
			default:
				body, _ := io.ReadAll(res.Body)
				t.Errorf("got status %d: %s, want 200 or 402", res.StatusCode, body)
			}
		})
	}
	race.Wait()
	close(done)
	watcher.Wait()

	t.Logf("%d answered, %d refused, at most %d open", answered.Load(), refused.Load(), most)
	if most > covered || refused.Load() == 0 || answered.Load()+refused.Load() != callers {
		t.Errorf("got %d answered, %d refused, at most %d open, want %d in all, at most %d open", answered.Load(), refused.Load(), most, callers, covered)
	}
	charged, turns := r.settled(t)
	account := r.Account(t, r.Org)
	if int64(turns) != answered.Load() || account.Held() != 0 || account.Balance() != start-charged {
		t.Errorf("got %d turns, balance %d, held %d, want %d, %d, 0", turns, account.Balance(), account.Held(), answered.Load(), start-charged)
	}
}
