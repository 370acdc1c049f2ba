package dynamo_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/dynamo"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/turn"
)

// rateBench is an org whose requests come at times that the test sets.
type rateBench struct {
	dynamotest.Table
	calls atomic.Int64 // of its store
	org   string
	began time.Time
	at    time.Time
}

func newRateBench(t *testing.T, rate, keyRate int) *rateBench {
	t.Helper()
	b := &rateBench{began: time.Date(2026, 3, 1, 12, 0, 17, 0, time.UTC)}
	b.Table = dynamotest.Open(t, dynamotest.At(func() time.Time { return b.at }), dynamotest.Through(b))
	b.at = b.began
	b.org = b.Org(t, 1000*ledger.Credit, func(a *ledger.Account) { a.Limits.RatePerMinute, a.Limits.KeyRatePerMinute = rate, keyRate })
	return b
}

// RoundTrip counts the store's calls.
func (b *rateBench) RoundTrip(r *http.Request) (*http.Response, error) {
	b.calls.Add(1)
	return http.DefaultTransport.RoundTrip(r)
}

// admit opens a turn at a time after the beginning.
func (b *rateBench) admit(s *dynamo.Store, key string, after time.Duration) (ledger.Hold, error) {
	b.at = b.began.Add(after)
	return s.Admit(ctx, turn.Admission{OrgID: b.org, KeyID: key, TurnID: turn.NewIDAt(b.at), Kind: ledger.Hosted, At: b.at})
}

func (b *rateBench) mustAdmit(t *testing.T, key string, after time.Duration) ledger.Hold {
	t.Helper()
	hold, err := b.admit(b.Store, key, after)
	if err != nil {
		t.Fatalf("after %s: %v", after, err)
	}
	return hold
}

// rates returns the attributes of the account that count requests.
func (b *rateBench) rates(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, it := range b.Items(t) {
		for name := range it {
			if of, ok := strings.CutPrefix(name, "rate_"); ok {
				names = append(names, of)
			}
		}
	}
	slices.Sort(names)
	return names
}

// A window begins with the first request that it counts and ends a minute later, for the org and for
// each key. A refusal has the time until then.
func TestAdmit_RateWindows(t *testing.T) {
	type request struct {
		key     string
		after   time.Duration
		refused time.Duration // how long to wait; 0: it is admitted
	}
	const s = time.Second
	for name, c := range map[string]struct {
		rate, keyRate int
		requests      []request
	}{
		"org": {2, 9, []request{
			{"k", 0, 0},
			{"l", 59 * s, 0},
			{"k", 59*s + 1, s - 1},
			{"m", 60*s - 1, 1},
			{"k", 60 * s, 0},
			{"k", 61 * s, 0},
			{"l", 100 * s, 20 * s},
			{"l", 500 * s, 0},
			{"l", 501 * s, 0},
			{"l", 502 * s, 58 * s},
		}},
		"key": {9, 2, []request{
			{"k", 0, 0},
			{"l", 30 * s, 0},
			{"k", 31 * s, 0},
			{"k", 32 * s, 28 * s},
			{"l", 33 * s, 0},
			{"l", 59 * s, 31 * s},
			{"k", 60 * s, 0},
			{"l", 61 * s, 29 * s},
			{"l", 90 * s, 0},
			{"k", 91 * s, 0},
			{"k", 119 * s, s},
		}},
		"both": {3, 1, []request{
			{"k", 0, 0},
			{"k", 1 * s, 59 * s},
			{"l", 10 * s, 0},
			{"m", 20 * s, 0},
			{"n", 30 * s, 30 * s},
			{"k", 60 * s, 0},
			{"l", 60 * s, 10 * s},
		}},
		"none": {0, 9, []request{{"k", 0, 60 * s}, {"k", 30 * s, 60 * s}}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newRateBench(t, c.rate, c.keyRate)
			stores := []*dynamo.Store{b.Store, b.Beside(dynamotest.At(func() time.Time { return b.at })).Store}
			for i, r := range c.requests {
				_, err := b.admit(stores[i%2], r.key, r.after)
				switch {
				case r.refused == 0 && err != nil:
					t.Errorf("%s after %s: got %v, want no error", r.key, r.after, err)
				case r.refused != 0 && (!fault.Is(err, fault.RateLimited) || fault.From(err).RetryAfter != r.refused):
					t.Errorf("%s after %s: got %+v, want to wait for %s", r.key, r.after, err, r.refused)
				}
			}
		})
	}
}

// While a window has counted few requests, each request moves its end. These requests count against
// the limit, and cost no further call.
func TestAdmit_WindowWithFewRequests(t *testing.T) {
	type step struct {
		rate    int // if any, an operator changes the limit to it before
		key     string
		after   time.Duration
		times   int
		refused time.Duration // how long the last one has to wait; 0: it is admitted
		calls   int64         // of all; 0: one for each
		process int
	}
	const s = time.Second
	for name, c := range map[string]struct {
		rate, keyRate int
		steps         []step
	}{
		"org": {40, 1000, []step{
			{key: "k", after: 0, times: 1},
			{key: "l", after: 50 * s, times: 1},
			{key: "k", after: 100 * s, times: 1}, // ends after 160 seconds
			{key: "k", after: 150 * s, times: 37},
			{key: "k", after: 151 * s, times: 1, refused: 9 * s},
			{key: "k", after: 160 * s, times: 40},
			{key: "l", after: 161 * s, times: 1, refused: 59 * s},
		}},
		"key": {1000, 40, []step{
			{key: "k", after: 0, times: 2},
			{key: "k", after: 59 * s, times: 38},
			{key: "k", after: 60 * s, times: 1, refused: 59 * s},
			{key: "l", after: 60 * s, times: 40},
			{key: "l", after: 118 * s, times: 1, refused: 2 * s},
			{key: "k", after: 119 * s, times: 1},
		}},
		"20 requests": {20, 1000, []step{
			{key: "k", after: 0, times: 1},
			{key: "k", after: 40 * s, times: 1},
			{key: "k", after: 80 * s, times: 18},
			{key: "k", after: 99 * s, times: 1, refused: s},
		}},
		"less than 20": {19, 1000, []step{
			{key: "k", after: 0, times: 1},
			{key: "k", after: 40 * s, times: 18},
			{key: "k", after: 59 * s, times: 1, refused: s},
			{key: "k", after: 60 * s, times: 1},
		}},
		"over after a minute": {40, 40, []step{
			{key: "k", after: 0, times: 2},
			{key: "k", after: 60 * s, times: 40},
			{key: "k", after: 61 * s, times: 1, refused: 59 * s},
		}},
		"raised": {40, 1000, []step{
			{key: "k", after: 0, times: 4},
			{key: "k", after: 30 * s, times: 2, rate: 100, calls: 3}, // both move the end
			{key: "k", after: 40 * s, times: 94},
			{key: "k", after: 89 * s, times: 1, refused: s},
		}},
		"lowered": {100, 1000, []step{
			{key: "k", after: 0, times: 4},
			{key: "k", after: 30 * s, times: 36, rate: 40, calls: 37},
			{key: "k", after: 59 * s, times: 1, refused: s},
		}},
		"lowered below few": {1000, 1000, []step{
			{key: "k", after: 0, times: 10},
			{key: "k", after: 30 * s, times: 1, rate: 10, refused: 30 * s},
			{key: "k", after: 60 * s, times: 10},
			{key: "k", after: 61 * s, times: 1, refused: 59 * s},
		}},
		"another process": {40, 40, []step{
			{key: "k", after: 0, times: 1},
			{key: "k", after: 30 * s, times: 1, process: 1, calls: 2},
			{key: "k", after: 50 * s, times: 1}, // moves the end as well
			{key: "k", after: 100 * s, times: 1, process: 1, calls: 2},
			{key: "k", after: 101 * s, times: 36},
			{key: "k", after: 102 * s, times: 1, refused: 8 * s},
			{key: "k", after: 109 * s, times: 1, process: 1, refused: s},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newRateBench(t, c.rate, c.keyRate)
			stores := []*dynamo.Store{b.Store, b.Beside(dynamotest.At(func() time.Time { return b.at }), dynamotest.Through(b)).Store}
			for _, step := range c.steps {
				if step.rate != 0 {
					if _, err := b.Store.ChangeLimits(ctx, nil, b.org, ledger.LimitsPatch{RatePerMinute: &step.rate}); err != nil {
						t.Fatal(err)
					}
				}
				b.calls.Store(0)
				var err error
				for range step.times {
					if err != nil {
						t.Errorf("after %s: %v", step.after, err)
					}
					_, err = b.admit(stores[step.process], step.key, step.after)
				}
				switch {
				case step.refused == 0 && err != nil:
					t.Errorf("after %s: got %v, want no error", step.after, err)
				case step.refused != 0 && (!fault.Is(err, fault.RateLimited) || fault.From(err).RetryAfter != step.refused):
					t.Errorf("after %s: got %+v, want to wait for %s", step.after, err, step.refused)
				}
				want := step.calls
				if want == 0 {
					want = int64(step.times)
				}
				if got := b.calls.Load(); got != want {
					t.Errorf("after %s: got %d calls, want %d", step.after, got, want)
				}
			}
		})
	}
}

// The rates add no store call for a process that knows the windows, nor for the first request of an
// org or key. A window that another process has begun costs one.
func TestAdmit_RatesCostNoCall(t *testing.T) {
	b := newRateBench(t, 3, 2)
	other := b.Beside(dynamotest.At(func() time.Time { return b.at })).Store
	for _, c := range []struct {
		what    string
		key     string
		after   time.Duration
		before  []string // keys that the other process is asked by right before
		refused bool
		calls   int64
	}{
		{what: "first of an org", key: "k", calls: 1},
		{what: "second", key: "k", after: time.Second, calls: 1},
		{what: "beyond the key's limit", key: "k", after: 2 * time.Second, refused: true, calls: 1},
		{what: "first of a key", key: "l", after: 3 * time.Second, calls: 1},
		{what: "beyond the org's limit", key: "l", after: 4 * time.Second, refused: true, calls: 1},
		{what: "first of another window", key: "k", after: time.Minute, calls: 1},
		{what: "first of a key's other window", key: "l", after: 63 * time.Second, calls: 1},
		{what: "the org's window is another's", key: "k", after: 2 * time.Minute, before: []string{"m"}, calls: 2},
		{what: "and known now", key: "k", after: 121 * time.Second, calls: 1},
		{what: "both windows are another's", key: "k", after: 3 * time.Minute, before: []string{"k"}, calls: 2},
		{what: "another's, and at the limit", key: "k", after: 4 * time.Minute, before: []string{"k", "k"}, refused: true, calls: 1},
		{what: "first after a long time", key: "k", after: time.Hour, calls: 1},
	} {
		for _, key := range c.before {
			if _, err := b.admit(other, key, c.after); err != nil {
				t.Fatalf("%s: %v", c.what, err)
			}
		}
		b.calls.Store(0)
		if _, err := b.admit(b.Store, c.key, c.after); fault.Is(err, fault.RateLimited) != c.refused || (err != nil) != c.refused {
			t.Errorf("%s: got %v, want RateLimited: %t", c.what, err, c.refused)
		}
		if got := b.calls.Load(); got != c.calls {
			t.Errorf("%s: got %d calls, want %d", c.what, got, c.calls)
		}
	}
}

// Concurrent first requests of a window are all admitted up to the limit: one begins the window, a few
// move its end, and the others count in it.
func TestAdmit_ConcurrentFirstRequests(t *testing.T) {
	const racers, limit = 48, 40
	b := newRateBench(t, 2*limit, limit)
	stores := make([]*dynamo.Store, racers)
	for i := range stores {
		stores[i] = b.Beside().Store
	}
	for window := range 3 {
		at := b.began.Add(time.Duration(window) * time.Minute)
		var admitted, refused atomic.Int64
		var race sync.WaitGroup
		for i, s := range stores {
			race.Go(func() {
				// Clocks differ by some milliseconds.
				at := at.Add(time.Duration(i) * time.Millisecond)
				_, err := s.Admit(ctx, turn.Admission{OrgID: b.org, KeyID: "k", TurnID: turn.NewIDAt(at), Kind: ledger.Hosted, At: at})
				switch {
				case err == nil:
					admitted.Add(1)
				case fault.Is(err, fault.RateLimited):
					refused.Add(1)
				default:
					t.Errorf("got %v, want nil or RateLimited", err)
				}
			})
		}
		race.Wait()
		if admitted.Load() != limit || refused.Load() != racers-limit {
			t.Errorf("window %d: got %d admitted, %d refused; want %d, %d", window, admitted.Load(), refused.Load(), limit, racers-limit)
		}
		b.began = b.began.Add(racers * time.Millisecond) // by all clocks it is over next time
	}
}

// Settlement and release drop expired windows, and also the counters of an older format.
func TestSettle_DropsExpiredWindows(t *testing.T) {
	b := newRateBench(t, 9, 9)
	settler := bench{Table: b.Table, org: b.org}
	settler.thread = b.Thread(t, b.Agent(t, b.org, "x"))
	for name, finish := range map[string]func(ledger.Hold) error{
		"settled":  func(h ledger.Hold) error { return second(settler.settle(h, settler.settled(h, 1))) },
		"released": func(h ledger.Hold) error { return b.Store.Release(ctx, h) },
		"swept":    func(ledger.Hold) error { b.at = b.at.Add(ledger.HoldLife); return second(b.Store.Sweep(ctx, b.at)) },
	} {
		t.Run(name, func(t *testing.T) {
			b.began = b.at.Add(time.Hour)
			b.leave(t, "rate_29514240", "rate_29514240_k")
			for i, key := range []string{"a", "b", "c"} {
				hold := b.mustAdmit(t, key, time.Duration(i)*time.Minute)
				if err := finish(hold); err != nil {
					t.Fatal(err)
				}
				if name == "swept" {
					b.began = b.began.Add(ledger.HoldLife)
				}
			}
			want := []string{"key_b", "key_c", "org"} // a minute more they stay
			if name == "swept" {
				want = nil
			}
			if d := cmp.Diff(want, b.rates(t)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// leave writes counters of the older format.
func (b *rateBench) leave(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, err := b.Client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: &b.Name, UpdateExpression: new("SET #name = :n"), ExpressionAttributeNames: map[string]string{"#name": name},
			Key: map[string]types.AttributeValue{
				"pk": &types.AttributeValueMemberS{Value: "ORG#" + b.org}, "sk": &types.AttributeValueMemberS{Value: "ACCOUNT"},
			},
			ExpressionAttributeValues: map[string]types.AttributeValue{":n": &types.AttributeValueMemberN{Value: "9"}},
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// A turn may close long after it has seen an expired window. A window that has begun again meanwhile is
// kept.
func TestSettle_KeepsRestartedWindow(t *testing.T) {
	for name, finish := range map[string]func(bench, ledger.Hold) error{
		"settled":               func(b bench, h ledger.Hold) error { return second(b.settle(h, b.settled(h, 1))) },
		"settled, and too dear": func(b bench, h ledger.Hold) error { return second(b.settle(h, b.settled(h, 9000*ledger.Credit))) },
		"released":              func(b bench, h ledger.Hold) error { return b.Store.Release(ctx, h) },
	} {
		t.Run(name, func(t *testing.T) {
			b := newRateBench(t, 9, 2)
			settler := bench{Table: b.Table, org: b.org}
			settler.thread = b.Thread(t, b.Agent(t, b.org, "x"))
			b.mustAdmit(t, "idle", 0)
			b.mustAdmit(t, "gone", 0)
			slow := b.mustAdmit(t, "busy", 3*time.Minute)
			b.mustAdmit(t, "idle", 3*time.Minute)
			if err := finish(settler, slow); err != nil {
				t.Fatal(err)
			}
			if a := b.Account(t, b.org); a.Open[slow.TurnID] != 0 || len(a.Open) != 3 {
				t.Errorf("got %d open turns, want 3 without the settled one", len(a.Open))
			}
			if name == "settled, and too dear" {
				return // there is nothing left to admit another for
			}
			b.mustAdmit(t, "idle", 3*time.Minute+time.Second)
			wantCode(t, second(b.admit(b.Store, "idle", 3*time.Minute+2*time.Second)), fault.RateLimited)
			// The next turn drops expired windows.
			if err := finish(settler, b.mustAdmit(t, "busy", 3*time.Minute+3*time.Second)); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff([]string{"key_busy", "key_idle", "org"}, b.rates(t)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}
