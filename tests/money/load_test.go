package money_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/thread"
	"github.com/quintet-agents/quintet/tests/rig"
)

var loadTime = flag.Duration("load", 5*time.Second, "how long concurrent chats are sent")

// atATime is the number of concurrent chats. Each runs in its own process.
const atATime = 64

const (
	// slower is how many times as long chats on one thread may take as on many.
	slower = 1.5

	// measurements is the largest number of measurements of a ratio that is too high:
	// another load of the machine may slow one side of a comparison down.
	measurements = 3
)

// Concurrent chats on one thread, the default of AgentFlow's callers, take about as
// long as chats on separate threads.
func TestLoad_OneThread(t *testing.T) {
	b := newOffice(t)
	var keys []string
	for range atATime {
		key, _ := b.Table.Key(t, b.Org, "")
		keys = append(keys, key)
	}
	own := func(i int) (key, threadID string) { return keys[i], "" }
	b.round(t, own) // starts the processes, and the threads
	var ratios []float64
	for range measurements {
		var shared, apart []time.Duration
		for range 3 {
			key, _ := b.Table.Key(t, b.Org, "")
			if err := b.chat(key, ""); err != nil {
				t.Fatal(err)
			}
			shared = append(shared, b.round(t, func(int) (string, string) { return key, "" })...)
			apart = append(apart, b.round(t, own)...)
		}
		ratios = append(ratios, float64(median(shared))/float64(median(apart)))
		t.Logf("p50 of %d concurrent chats: %v on one thread, %v on separate threads", atATime, median(shared), median(apart))
		if ratios[len(ratios)-1] <= slower {
			break
		}
	}
	if got := slices.Min(ratios); got > slower {
		t.Errorf("got %.2f times as long on one thread as on separate threads, want at most %.1f", ratios, slower)
	}
	b.wantBooks(t)
}

// Many concurrent chats, half of them on one thread, are all answered, kept and paid.
func TestLoad_ManyChats(t *testing.T) {
	b := newOffice(t)
	b.round(t, func(int) (string, string) { return b.Key, "warm" })
	var wave sync.WaitGroup
	var chats, onOne atomic.Int64
	end := time.Now().Add(*loadTime)
	for i := range atATime {
		threadID := "shared"
		if i%2 == 0 {
			threadID = fmt.Sprint("own-", i)
		}
		wave.Go(func() {
			for time.Now().Before(end) {
				if err := b.chat(b.Key, threadID); err != nil {
					t.Error(err)
					return
				}
				chats.Add(1)
				if threadID == "shared" {
					onOne.Add(1)
				}
			}
		})
	}
	wave.Wait()
	if got := len(b.turnsOf(t, "shared")); got != int(onOne.Load()) {
		t.Errorf("got %d turns in the thread, want %d", got, onOne.Load())
	}
	t.Logf("%d chats, %d of them on one thread", chats.Load(), onOne.Load())
	b.wantBooks(t)
}

// office is the product, run as processes.
type office struct {
	*rig.Rig
	balance ledger.Credits
}

func newOffice(t *testing.T) office {
	t.Helper()
	const balance = 100_000 * ledger.Credit
	return office{rig.Start(t, balance), balance}
}

// round runs concurrent chats, each with a key and a thread, and returns the time that
// each took.
func (b office) round(t *testing.T, of func(i int) (key, threadID string)) []time.Duration {
	t.Helper()
	took := make([]time.Duration, atATime)
	var all sync.WaitGroup
	for i := range took {
		all.Go(func() {
			key, threadID := of(i)
			began := time.Now()
			if err := b.chat(key, threadID); err != nil {
				t.Error(err)
			}
			took[i] = time.Since(began)
		})
	}
	all.Wait()
	return took
}

// chat chats over AgentFlow's API, on the key's own thread if none is named, and
// checks the answer.
func (b office) chat(key, threadID string) error {
	ask := map[string]any{"text": "hi", "stream": false}
	if threadID != "" {
		ask["thread_id"] = threadID
	}
	body, err := json.Marshal(ask)
	if err != nil {
		return err
	}
	req, err := http.NewRequest(http.MethodPost, b.Runner.URL()+"/agents/"+b.Agent.Slug+"/chat", strings.NewReader(string(body)))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+key)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK || !strings.Contains(string(answer), "You said: hi") {
		return fmt.Errorf("thread %s: got %d %s, %w, want 200 and an answer", threadID, res.StatusCode, answer, err)
	}
	return nil
}

func (b office) turnsOf(t *testing.T, threadID string) []string {
	t.Helper()
	var ids []string
	var after int64
	for {
		page, err := b.Store.TurnsAfter(t.Context(), thread.Thread{OrgID: b.Org, ID: threadID}, after, 100)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			return ids
		}
		for _, x := range page {
			ids, after = append(ids, x.ID), x.Place
		}
	}
}

func (b office) wantBooks(t *testing.T) {
	t.Helper()
	(&bank{Table: b.Table, org: b.Org, balance: b.balance}).wantBooks(t)
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}
