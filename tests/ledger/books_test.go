package ledger_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/ledger"
)

// books is the model: the expected rows of one org.
type books struct {
	account   ledger.Account // prices and limits; the money is below
	available ledger.Credits
	open      map[string]hold // by name in the account
	counters  map[string]int  // monthly ones, by attribute
	windows   map[string]window
	due       int64            // the account's time in the due index, in milliseconds; 0: not in the index
	entries   map[string]entry // by id
	usage     map[ledger.UsageOf]ledger.Usage
	threads   map[string][]string // the turns of each thread, in the order of settlement
	settled   map[string]outcome  // by turn
	keys      map[string]onceKey

	held, resolved int // totals since the start
}

type hold struct {
	turnID string
	kind   ledger.Kind
	amount ledger.Credits
	late   bool // opened by a late copy of an admission
}

// window counts requests until it ends.
type window struct {
	requests int
	ends     int64 // in milliseconds
}

type entry struct {
	amount ledger.Credits
	at     string
}

type outcome struct {
	charge ledger.Credits
}

// onceKey is the state of an idempotency key.
type onceKey struct {
	body, turnID   string
	until, expires int64
	settled        bool
}

func newBooks(account ledger.Account) *books {
	return &books{
		account: account, available: account.Available, open: map[string]hold{}, counters: map[string]int{}, windows: map[string]window{},
		entries: map[string]entry{},
		usage:   map[ledger.UsageOf]ledger.Usage{}, threads: map[string][]string{}, settled: map[string]outcome{}, keys: map[string]onceKey{},
	}
}

func (b *books) enter(id string, amount ledger.Credits, at time.Time) {
	b.entries[id] = entry{amount, ledger.Day(at)}
	b.available += amount
}

// expiry returns when a turn's hold expires.
func (h hold) expiry() time.Time { return startedAt(h.turnID).Add(ledger.HoldLife) }

// close returns a hold to the balance, as a release and the sweeper do.
func (b *books) close(name string) {
	h := b.open[name]
	delete(b.open, name)
	b.available += h.amount
	b.resolved++
	messages := messagesOf(h.kind, startedAt(h.turnID))
	if _, counted := b.counters[messages]; counted {
		b.counters[messages]--
		return
	}
	b.counters[messages] = 0 // the counter of a past month, which is dropped
}

// differs compares an account item with the books. The store may have dropped
// counters of past months and windows: then the books drop them too.
func (b *books) differs(it map[string]types.AttributeValue, now time.Time) string {
	var diffs []string
	differ := func(format string, args ...any) { diffs = append(diffs, fmt.Sprintf(format, args...)) }
	if got := number(it["available"]); got != int64(b.available) {
		differ("available: got %d, want %d", got, b.available)
	}
	open, _ := it["open"].(*types.AttributeValueMemberM)
	for name, amount := range open.Value {
		if h, ok := b.open[name]; !ok || number(amount) != int64(h.amount) {
			differ("hold of %s: got %d, want %d", name, number(amount), h.amount)
		}
	}
	for name := range b.open {
		if open.Value[name] == nil {
			differ("hold of %s: got none, want one", name)
		}
	}
	if got := number(it["due"]); got != b.due || (it["due_pk"] == nil) != (b.due == 0) {
		differ("due: got %d, want %d", got, b.due)
	}
	names := maps.Clone(b.counters)
	for name := range it {
		if isCounter(name) {
			names[name] = 0
		}
	}
	for name := range names {
		got, want := int(number(it[name])), b.counters[name]
		switch {
		case it[name] == nil && over(name, now):
			delete(b.counters, name)
		case over(name, lastMonth(now)):
			b.counters[name] = got // the store drops it with any other write
		case got != want:
			differ("%s: got %d, want %d", name, got, want)
		}
	}
	b.windowsDiffer(it, now, differ)
	slices.Sort(diffs)
	return strings.Join(diffs, "; ")
}

// windowsDiffer compares the windows of an account item with the books.
func (b *books) windowsDiffer(it map[string]types.AttributeValue, now time.Time, differ func(string, ...any)) {
	for name, want := range b.windows {
		w, there := it[name].(*types.AttributeValueMemberM)
		switch {
		case !there && want.ends <= now.Add(-time.Minute).UnixMilli():
			delete(b.windows, name)
		case !there:
			differ("%s: got no window, want one that ends at %s", name, clock(time.UnixMilli(want.ends)))
		case number(w.Value["requests"]) != int64(want.requests) || number(w.Value["ends"]) != want.ends:
			differ("%s: got %v, want %v", name, w.Value, want)
		}
	}
	for name := range it {
		if _, known := b.windows[name]; !known && strings.HasPrefix(name, "rate_") {
			differ("%s: got a window, want none", name)
		}
	}
}

// requests returns the usage of a window when a request arrives, and the time until
// another window can begin.
func (b *books) requests(name string, at time.Time) (counted int, wait time.Duration) {
	w := b.windows[name]
	if w.ends <= at.UnixMilli() {
		return 0, time.Minute
	}
	return w.requests, time.UnixMilli(w.ends).Sub(at)
}

// count counts a request. It begins a window, or extends one that has counted at most
// 5 % of the limit.
func (b *books) count(name string, limit int, at time.Time) {
	w := b.windows[name]
	if w.ends <= at.UnixMilli() {
		w.requests = 0
	}
	if w.requests == 0 || w.requests*20 <= limit {
		w.ends = at.Add(time.Minute).UnixMilli()
	}
	w.requests++
	b.windows[name] = w
}

const orgRate = "rate_org"

func keyRateOf(keyID string) string { return "rate_key_" + keyID }

// The names of the monthly counters end with the month.

func monthOf(t time.Time) string { return t.UTC().Format("2006_01") }

func messagesOf(kind ledger.Kind, at time.Time) string {
	return "messages_" + string(kind) + "_" + monthOf(at)
}

func tokensOf(kind ledger.Kind, at time.Time) string {
	return "tokens_" + string(kind) + "_" + monthOf(at)
}

func isCounter(name string) bool {
	return strings.HasPrefix(name, "messages_") || strings.HasPrefix(name, "tokens_")
}

// over reports whether a counter's month is over.
func over(name string, now time.Time) bool {
	return name[len(name)-len("2006_01"):] < monthOf(now)
}

// lastMonth returns the month before, for a process whose clock is ahead.
func lastMonth(now time.Time) time.Time {
	y, m, _ := now.Add(maxSkew).UTC().Date()
	return time.Date(y, m-1, 1, 0, 0, 0, 0, time.UTC)
}

func number(v types.AttributeValue) int64 {
	n, ok := v.(*types.AttributeValueMemberN)
	if !ok {
		return 0
	}
	i, err := strconv.ParseInt(n.Value, 10, 64)
	if err != nil {
		panic(err)
	}
	return i
}
