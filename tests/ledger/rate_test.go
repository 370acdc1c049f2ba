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

// Two processes on one table are asked for ten times what an org, or a key, may
// have in a minute, for some minutes from an arbitrary time on: after a rest, or
// a few requests at whatever times before. In whatever 60 seconds there are no
// more than the limit and 5 %, in the first of them and over all no less than the
// limit without 5 %, and whoever is refused is told when there is room.
func TestRateLimitUnderOverload(t *testing.T) {
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
		warmedBy int // requests at most
	}{
		{"org", ofOrg, windows, 0},
		{"key", ofKey, windows, 0},
		{"org in parts", inParts, windows, 0},
		{"org, warmed", ofOrg, 2, perMinute / 20},
		{"key, warmed", ofKey, 2, perMinute / 20},
		{"org in parts, warmed", inParts, 2, perMinute / 3 / 20}, // of each part: all may go to one
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

// flood asks for turns through some stores side by side, evenly, for some windows
// of a clock that nobody waits for, and checks when they were admitted.
type flood struct {
	stores  []*dynamo.Store
	org     string
	begin   time.Time
	windows int
	random  *rand.Rand
	warmed  []time.Time // by requests before
}

func (f *flood) admit(ctx context.Context, s *dynamo.Store, at time.Time) error {
	hold, err := s.Admit(ctx, turn.Admission{OrgID: f.org, KeyID: "k", TurnID: turn.NewIDAt(at), Kind: ledger.Hosted, At: at})
	if err != nil {
		return err
	}
	return s.Release(ctx, hold)
}

// warm makes some requests at times before the flood.
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
		every  = time.Minute * 2 / attempts // all stores are asked
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
		t.Errorf("%d were admitted in 60 seconds, the limit is %d", most, perMinute)
	}
	if first, _ := slices.BinarySearchFunc(admitted, f.begin.Add(time.Minute), time.Time.Compare); first < perMinute*95/100 {
		t.Errorf("%d were admitted in the first minute, the limit is %d", first, perMinute)
	}
	if len(admitted) < f.windows*perMinute*95/100 {
		t.Errorf("%d were admitted in %d minutes, the limit is %d a minute", len(admitted), f.windows, perMinute)
	}
	if len(promised) != f.windows*attempts-len(admitted) {
		t.Errorf("%d admitted, %d refused, %d asked for", len(admitted), len(promised), f.windows*attempts)
	}
	// By then another window has begun, unless the flood is over.
	for _, at := range promised {
		i, _ := slices.BinarySearchFunc(admitted, at, time.Time.Compare)
		if i < len(admitted) && admitted[i].Sub(at) > every+jitter || i == len(admitted) && at.Before(f.begin.Add(time.Duration(f.windows-1)*time.Minute)) {
			t.Errorf("none was admitted at %s, as a refused one was told", clock(at))
		}
	}
}

// mostIn returns how many of some times, which are in order, lie in any so long.
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

// Two processes are asked for all at once: exactly the limit is admitted in each
// window, and whoever is refused is told when the window ends.
func TestRateLimitUnderBursts(t *testing.T) {
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
			t.Errorf("window %d: %d of %d were admitted, the limit is %d", window, admitted.Load(), attempts, perMinute)
		}
	}
}
