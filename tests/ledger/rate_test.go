package ledger_test

import (
	"context"
	"math/rand/v2"
	"slices"
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
	perMinute = 60
	overload  = 10
	windows   = 3
	attempts  = perMinute * overload // in a minute
)

// Two processes on one table get ten times the requests that an org, or a key, may send
// in a minute. The flood begins at any time, after a rest or a few requests, and lasts
// for some minutes. Any 60 seconds have at most the limit plus 5 %. The first minute, and
// the average, have at least the limit minus 5 %. A refusal's Retry-After is exact.
func TestRateLimit_Overload(t *testing.T) {
	table := dynamotest.Open(t)
	stores := []*dynamo.Store{table.Beside().Store, table.Beside().Store}
	ofOrg := func(a *ledger.Account) { a.Limits.RatePerMinute, a.Limits.KeyRatePerMinute = perMinute, 10*perMinute }
	ofKey := func(a *ledger.Account) { a.Limits.RatePerMinute, a.Limits.KeyRatePerMinute = 10*perMinute, perMinute }
	inParts := func(a *ledger.Account) {
		ofOrg(a)
		a.Shards = 3
	}
	seed := *firstSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for _, c := range []struct {
		name     string
		limit    func(*ledger.Account)
		windows  int
		warmedBy int // the largest number of requests before the flood
	}{
		{"org", ofOrg, windows, 0},
		{"key", ofKey, windows, 0},
		{"org in parts", inParts, windows, 0},
		{"org, warmed", ofOrg, 2, perMinute / 20},
		{"key, warmed", ofKey, 2, perMinute / 20},
		{"org in parts, warmed", inParts, 2, perMinute / 3 / 20}, // a twentieth of each part's limit: all may go to one part
	} {
		t.Run(c.name, func(t *testing.T) {
			f := flood{stores: stores, org: table.Org(t, 1000*ledger.Credit, c.limit), windows: c.windows, random: random}
			// A month ends in between.
			f.begin = time.Date(2026, 5, 31, 23, 58, 0, 0, time.UTC).Add(30*time.Second + time.Duration(random.Int64N(int64(20*time.Second))))
			if c.warmedBy > 0 {
				f.warm(t, 1+random.IntN(c.warmedBy))
			}
			f.run(t)
		})
	}
}

// flood requests turns from some stores in parallel, evenly, for some windows of a
// simulated clock, and checks the times of their admissions.
type flood struct {
	stores  []*dynamo.Store
	org     string
	begin   time.Time
	windows int
	random  *rand.Rand
	warmed  []time.Time // by requests before the flood
}

func (f *flood) admit(ctx context.Context, s *dynamo.Store, at time.Time) error {
	hold, err := s.Admit(ctx, turn.Admission{OrgID: f.org, KeyID: "k", TurnID: turn.NewIDAt(at), Kind: ledger.Hosted, At: at})
	if err != nil {
		return err
	}
	return s.Release(ctx, hold)
}

// warm sends some requests at times before the flood.
func (f *flood) warm(t *testing.T, requests int) {
	t.Helper()
	for range requests {
		f.warmed = append(f.warmed, f.begin.Add(-time.Duration(f.random.Int64N(int64(90*time.Second)))))
	}
	slices.SortFunc(f.warmed, time.Time.Compare)
	for _, at := range f.warmed {
		t.Logf("warmed %s before", f.begin.Sub(at))
		if err := f.admit(t.Context(), f.stores[f.random.IntN(len(f.stores))], at); err != nil {
			t.Fatal(err)
		}
	}
}

func (f *flood) run(t *testing.T) {
	t.Helper()
	const (
		every  = time.Minute * 2 / attempts // by all stores together
		jitter = 50 * time.Millisecond
	)
	var mu sync.Mutex
	var admitted, promised []time.Time
	ask := func(s *dynamo.Store, at time.Time) error {
		err := f.admit(t.Context(), s, at)
		mu.Lock()
		defer mu.Unlock()
		if fault.Is(err, fault.RateLimited) {
			promised = append(promised, at.Add(fault.From(err).RetryAfter))
			return nil
		}
		if err == nil {
			admitted = append(admitted, at)
		}
		return err
	}
	for n := range f.windows * attempts / len(f.stores) {
		var wave sync.WaitGroup
		for _, s := range f.stores {
			at := f.begin.Add(time.Duration(n)*every + time.Duration(f.random.Int64N(int64(jitter))))
			wave.Go(func() {
				if err := ask(s, at); err != nil {
					t.Error(err)
				}
			})
		}
		wave.Wait()
	}
	slices.SortFunc(admitted, time.Time.Compare)
	if most := mostIn(time.Minute, slices.Concat(f.warmed, admitted)); most > perMinute*105/100 {
		t.Errorf("got %d admitted in 60 seconds, want at most 105 %% of %d", most, perMinute)
	}
	if first, _ := slices.BinarySearchFunc(admitted, f.begin.Add(time.Minute), time.Time.Compare); first < perMinute*95/100 {
		t.Errorf("got %d admitted in the first minute, want at least 95 %% of %d", first, perMinute)
	}
	if len(admitted) < f.windows*perMinute*95/100 {
		t.Errorf("got %d admitted in %d minutes, want at least 95 %% of %d a minute", len(admitted), f.windows, perMinute)
	}
	if len(promised) != f.windows*attempts-len(admitted) {
		t.Errorf("got %d admitted and %d refused, want %d in all", len(admitted), len(promised), f.windows*attempts)
	}
	// The next window has begun by then, unless the flood is over.
	for _, at := range promised {
		i, _ := slices.BinarySearchFunc(admitted, at, time.Time.Compare)
		if i < len(admitted) && admitted[i].Sub(at) > every+jitter || i == len(admitted) && at.Before(f.begin.Add(time.Duration(f.windows-1)*time.Minute)) {
			t.Errorf("got no admission at %s, want one: a Retry-After ends then", clock(at))
		}
	}
}

// mostIn returns the largest number of the given sorted times in a span.
func mostIn(long time.Duration, times []time.Time) (most int) {
	first := 0
	for i, at := range times {
		for at.Sub(times[first]) >= long {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}

// Two processes get all requests at once. Exactly the limit is admitted in each window,
// and the Retry-After of the others is the end of the window.
func TestRateLimit_Bursts(t *testing.T) {
	table := dynamotest.Open(t)
	stores := []*dynamo.Store{table.Beside().Store, table.Beside().Store}
	org := table.Org(t, 1000*ledger.Credit, func(a *ledger.Account) { a.Limits.RatePerMinute = perMinute })
	at := time.Date(2026, 5, 31, 23, 59, 31, 0, time.UTC)
	for window := range windows {
		at := at.Add(time.Duration(window) * time.Minute)
		var admitted atomic.Int64
		var wave sync.WaitGroup
		for _, s := range stores {
			wave.Go(func() {
				for range attempts / len(stores) {
					_, err := s.Admit(t.Context(), turn.Admission{OrgID: org, KeyID: "k", TurnID: turn.NewIDAt(at), Kind: ledger.Hosted, At: at})
					switch {
					case err == nil:
						admitted.Add(1)
					case !fault.Is(err, fault.RateLimited) || fault.From(err).RetryAfter != time.Minute:
						t.Error(err)
					}
				}
			})
		}
		wave.Wait()
		if admitted.Load() != perMinute {
			t.Errorf("window %d: got %d of %d admitted, want %d", window, admitted.Load(), attempts, perMinute)
		}
	}
}
