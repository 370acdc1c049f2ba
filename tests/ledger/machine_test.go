package ledger_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/quintet-agents/quintet/shared/dynamo"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/thread"
	"github.com/quintet-agents/quintet/shared/turn"
	"github.com/quintet-agents/quintet/tests/flaky"
)

const (
	agentID = "agent"
	// maxSkew is the largest clock difference of a process.
	maxSkew = 20 * time.Second
)

// machine makes calls of the store for one org, some of them with faults, and compares
// the table with the books after each call.
type machine struct {
	table  dynamotest.Table
	spoil  *flaky.Transport
	stores []*dynamo.Store // of processes with faults and the machine's clock
	now    time.Time
	org    string
	books  *books

	calls    []call
	tried    map[string]*turn.Settlement // the last settlement of each turn
	underway []process
	ended    []process
	ids      uint64
	read     int // the number of entries at the last check of the ledger
}

// process is a turn as the function that runs it sees it.
type process struct {
	admission turn.Admission
	hold      ledger.Hold
	claim     *turn.Claim
	threadID  string
	before    int // turns of the thread when this one began
}

// newMachine creates an org for a history.
func newMachine(t *rapid.T, table dynamotest.Table, org string) *machine {
	m := &machine{table: table, spoil: &flaky.Transport{}, org: org, tried: map[string]*turn.Settlement{}}
	m.now = time.Date(2026, 2, 28, 23, 30, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 45*60).Draw(t, "begin")) * time.Second)
	for range 2 {
		m.stores = append(m.stores, table.Beside(dynamotest.Through(m.spoil), dynamotest.At(m.clock), dynamotest.Eager()).Store)
	}

	account := ledger.NewAccount(org, ledger.Credits(rapid.Int64Range(0, 50_000_000).Draw(t, "balance")))
	account.Hold = rapid.SampledFrom([]ledger.Credits{ledger.DefaultHold, ledger.DefaultHold, 100_000, 1}).Draw(t, "hold")
	if rapid.IntRange(0, 9).Draw(t, "metering") == 0 {
		account.Metered, account.Hold = false, 0
	}
	if rapid.Bool().Draw(t, "own prices") {
		account.OwnPrices.PerTurn = 1
	}
	account.Limits = drawLimits(t)
	if err := m.stores[0].CreateOrg(context.Background(), identity.Org{ID: org, Name: "machine", CreatedAt: m.now}, account); err != nil {
		t.Fatal(err)
	}
	m.books = newBooks(account)
	if account.Available > 0 {
		m.books.entries[org] = entry{account.Available, ledger.Day(m.now)}
	}
	return m
}

// drawLimits gives every second org one low limit. With all limits low, few turns
// would be admitted.
func drawLimits(t *rapid.T) ledger.Limits {
	l := ledger.Limits{RatePerMinute: 1000, KeyRatePerMinute: 1000, MaxConcurrentTurns: 1000}
	limits := []*int{
		&l.RatePerMinute, &l.KeyRatePerMinute, &l.MaxConcurrentTurns, &l.MonthlyMessagesHosted, &l.MonthlyMessagesOwn, &l.MonthlyTokensHosted,
	}
	most := []int{10, 4, 8, 40, 8, 50_000}
	if rapid.Bool().Draw(t, "limited") {
		i := rapid.IntRange(0, len(limits)-1).Draw(t, "limit")
		*limits[i] = rapid.IntRange(1, most[i]).Draw(t, "at most")
	}
	return l
}

func (m *machine) clock() time.Time { return m.now }

// close deletes the org's rows that another history's sweeper would find.
func (m *machine) close() {
	_, _ = m.table.Store.Sweep(context.Background(), m.now.AddDate(1, 0, 0))
}

// actions are the steps of a history. Most of them begin or end turns.
func (m *machine) actions() map[string]func(*rapid.T) {
	actions := map[string]func(*rapid.T){
		"": m.check, "again": m.again, "extend": m.extend, "change": m.changeMind, "credit": m.credit, "sweep": m.sweep, "wait": m.wait, "expire": m.expire,
		"limits": m.limits,
	}
	for i := range 7 {
		actions[fmt.Sprint("begin", i)] = m.begin
		actions[fmt.Sprint("end", i)] = m.end
	}
	return actions
}

// begin claims the turn's key, if it has one, and opens the turn.
func (m *machine) begin(t *rapid.T) {
	at := m.now.Add(time.Duration(rapid.Int64Range(-maxSkew.Milliseconds(), maxSkew.Milliseconds()).Draw(t, "skew")) * time.Millisecond)
	p := process{threadID: rapid.SampledFrom([]string{"x", "y", "z"}).Draw(t, "thread")}
	p.admission = turn.Admission{
		OrgID: m.org, KeyID: rapid.SampledFrom([]string{"k", "k", "k", "l"}).Draw(t, "key"), TurnID: m.newID(at), At: at,
		Kind: rapid.SampledFrom([]ledger.Kind{ledger.Hosted, ledger.Hosted, ledger.OwnKey}).Draw(t, "kind"),
	}
	if rapid.IntRange(0, 5).Draw(t, "claim") == 0 {
		life := rapid.SampledFrom([]time.Duration{time.Minute, ledger.HoldLife}).Draw(t, "life")
		p.claim = &turn.Claim{Key: m.key(t, "POST /chat"), TurnID: p.admission.TurnID, At: at, Until: at.Add(life)}
		if answer, alive := m.make(t, claim{*p.claim}); !alive || answer != done(nil) {
			return
		}
	}
	p.before = len(m.books.threads[p.threadID])
	a := admit{Admission: p.admission, hold: &p.hold}
	_, alive := m.make(t, a)
	switch {
	case alive && p.hold.TurnID != "":
		m.underway = append(m.underway, p)
	case alive && p.claim != nil:
		m.make(t, unclaim{*p.claim})
	}
}

// end settles or releases an open turn. If there is none, it begins one.
func (m *machine) end(t *rapid.T) {
	if len(m.underway) == 0 {
		m.begin(t)
		return
	}
	i := rapid.IntRange(0, len(m.underway)-1).Draw(t, "which")
	p := m.underway[i]
	m.underway = slices.Delete(m.underway, i, i+1)
	m.ended = append(m.ended, p)
	if rapid.IntRange(0, 4).Draw(t, "fails") > 0 {
		m.make(t, settle{m.try(m.settlement(t, p))})
		return
	}
	if _, alive := m.make(t, release{p.hold}); alive && p.claim != nil {
		m.make(t, unclaim{*p.claim})
	}
}

// extend extends the hold of an open turn. If there is none, it begins one.
func (m *machine) extend(t *rapid.T) {
	if len(m.underway) == 0 {
		m.begin(t)
		return
	}
	i := rapid.IntRange(0, len(m.underway)-1).Draw(t, "which")
	need := ledger.Credits(rapid.Int64Range(1, 2_000_000).Draw(t, "need"))
	want := need + ledger.Credits(rapid.Int64Range(0, 5_000_000).Draw(t, "more"))
	heard := m.underway[i].hold
	m.make(t, extend{m.underway[i].hold, need, want, &heard})
	m.underway[i].hold = heard
}

// changeMind settles or releases a turn that is closed already. If there is none, it
// closes one.
func (m *machine) changeMind(t *rapid.T) {
	if len(m.ended) == 0 {
		m.end(t)
		return
	}
	p := m.ended[rapid.IntRange(0, len(m.ended)-1).Draw(t, "which")]
	if rapid.Bool().Draw(t, "settle") {
		m.make(t, settle{m.try(m.settlement(t, p))})
		return
	}
	m.make(t, release{p.hold})
}

// try gives a settlement the place of the turn's last attempt, as the process of the
// turn knows it.
func (m *machine) try(s *turn.Settlement) *turn.Settlement {
	if last := m.tried[s.Turn.ID]; last != nil {
		s.Turn.Place, s.Uncertain = last.Turn.Place, last.Uncertain
	}
	m.tried[s.Turn.ID] = s
	return s
}

func (m *machine) settlement(t *rapid.T, p process) *turn.Settlement {
	h := p.hold
	charges := []ledger.Credits{0, h.Amount, h.Amount + 1, h.Budget(), h.Budget() + 1, 100 * ledger.Credit}
	charge := rapid.SampledFrom(charges).Draw(t, "charge")
	if rapid.IntRange(0, 9).Draw(t, "within the hold") > 0 {
		charge = ledger.Credits(rapid.Int64Range(0, int64(h.Amount)).Draw(t, "charge"))
	}
	s := &turn.Settlement{
		Hold: h, Claim: p.claim, Thread: turn.ThreadChange{Start: p.before == 0},
		Turn: turn.Turn{
			ID: h.TurnID, OrgID: m.org, ThreadID: p.threadID, AgentID: agentID, KeyID: p.admission.KeyID, Channel: "test",
			Model: string(h.Kind), Place: m.now.UnixMicro(), StartedAt: p.admission.At, SettledAt: m.now,
			User: "user", Assistant: "assistant", Charge: charge,
			Usage: model.Usage{Input: rapid.IntRange(0, 2000).Draw(t, "input"), Output: rapid.IntRange(0, 2000).Draw(t, "output")},
		},
	}
	if s.Thread.Start {
		s.Thread.Title = "title"
	}
	return s
}

// again repeats an earlier call, like a retry or a copy that the network delayed:
// seconds, minutes or weeks later. The first call of a history is a turn's.
func (m *machine) again(t *rapid.T) {
	if len(m.calls) == 0 {
		m.begin(t)
		return
	}
	c := m.calls[rapid.IntRange(0, len(m.calls)-1).Draw(t, "which")]
	switch x := c.(type) { // the first caller does not see this result
	case admit:
		c = admit{x.Admission, &ledger.Hold{}, true}
	case extend:
		x.hold = &ledger.Hold{}
		c = x
	case settle:
		c = settle{m.try(new(*x.Settlement))}
	}
	m.make(t, c)
}

// credit adds a top-up, or an adjustment in either direction.
func (m *machine) credit(t *rapid.T) {
	e := ledger.Entry{ID: "entry-" + m.newID(m.now), OrgID: m.org, Kind: ledger.TopUp, Reason: "test", At: m.now}
	e.Amount = ledger.Credits(rapid.Int64Range(1, 30_000_000).Draw(t, "amount"))
	if rapid.Bool().Draw(t, "adjust") {
		e.Kind, e.Amount = ledger.Adjustment, ledger.Credits(rapid.Int64Range(-20_000_000, 10_000_000).Draw(t, "amount"))
	}
	c := add{Entry: e}
	if rapid.Bool().Draw(t, "once") {
		key := m.key(t, "POST /credits")
		c.key = &key
	}
	m.make(t, c)
}

// limits turns metering on or off, mostly on, and changes the limits of concurrent turns
// and of a key's requests in a minute, with the latter the size of an empty window, and
// whether turns on the org's own provider cost and hold credits.
func (m *machine) limits(t *rapid.T) {
	metering := rapid.IntRange(0, 3).Draw(t, "metering") > 0
	turns := rapid.SampledFrom([]int{3, 8, 1000, 1000}).Draw(t, "turns")
	rate := rapid.SampledFrom([]int{4, 30, 60, 100, 1000}).Draw(t, "rate")
	own := rapid.SampledFrom([]ledger.Credits{0, 1}).Draw(t, "own price")
	m.make(t, change{ledger.LimitsPatch{
		Metering: &metering, MaxConcurrentTurns: &turns, KeyRatePerMinute: &rate, OwnPrices: ledger.PricesPatch{PerTurn: &own},
	}, m.org})
}

func (m *machine) sweep(t *rapid.T) { m.make(t, sweep{m.now}) }

// expire lets every open hold expire, and sweeps within the next minute, as the
// schedule does.
func (m *machine) expire(t *rapid.T) {
	late := rapid.IntRange(0, 60).Draw(t, "seconds")
	m.now = m.now.Add(ledger.HoldLife + maxSkew + time.Duration(late)*time.Second)
	m.sweep(t)
}

// wait advances the clock: mostly by seconds, sometimes to the end of a day.
func (m *machine) wait(t *rapid.T) {
	switch rapid.IntRange(0, 9).Draw(t, "how") {
	case 0:
		y, month, d := m.now.Add(time.Second).Date() // in its last second a day has ended
		m.now = time.Date(y, month, d+1, 0, 0, 0, 0, time.UTC).Add(-time.Second)
	case 1:
		m.now = m.now.AddDate(0, 0, rapid.IntRange(1, 40).Draw(t, "days"))
	case 2:
		m.now = m.now.Add(time.Duration(rapid.IntRange(1, 30).Draw(t, "minutes")) * time.Minute)
	default:
		m.now = m.now.Add(time.Duration(rapid.IntRange(1, 30_000).Draw(t, "milliseconds")) * time.Millisecond)
	}
}

// make makes a call, with or without a fault, and compares its result and the table
// with the books. alive reports whether the caller survives.
func (m *machine) make(t *rapid.T, c call) (answer string, alive bool) {
	m.calls = append(m.calls, c)
	fault, at := m.fault(t)
	ctx, die := context.WithCancel(context.Background())
	defer die()
	m.spoil.Plan(func(c flaky.Call) flaky.Fault {
		if c.N == at {
			return fault
		}
		return flaky.None
	}, die)
	answer = c.send(ctx, rapid.SampledFrom(m.stores).Draw(t, "process"))
	_, operations := m.spoil.Calls()
	m.spoil.Plan(nil, nil)
	t.Logf("%s: %s (call %d %s)", c, answer, at, fault)

	alive = ctx.Err() == nil
	s, sweeps := c.(sweep)
	switch {
	case alive:
		if want := c.apply(m.books, m.now); answer != want && (want != unknown || !strings.HasPrefix(answer, unknown)) {
			t.Fatalf("%s: got %q, want %q", c, answer, want)
		}
	case sweeps:
		m.half(t, s)
	case slices.ContainsFunc(operations, writes):
		c.apply(m.books, m.now)
	}
	m.compare(t)
	if sweeps && alive {
		m.wantNoOrphans(t, s.at)
	}
	return answer, alive
}

// fault draws the fault of a call, and the store call that it hits.
func (m *machine) fault(t *rapid.T) (f flaky.Fault, at int) {
	if rapid.IntRange(0, 9).Draw(t, "spoil") < 7 {
		return flaky.None, 0
	}
	f = rapid.SampledFrom(append(flaky.Faults(), flaky.Crashed, flaky.Crashed, flaky.Widowed, flaky.Widowed)).Draw(t, "fault")
	return f, max(0, rapid.IntRange(-3, 3).Draw(t, "call"))
}

func writes(operation string) bool {
	switch operation {
	case "GetItem", "Query":
		return false
	}
	return true
}

// half applies the work of a sweeper that died before its end.
func (m *machine) half(t *rapid.T, s sweep) {
	it := m.item(t)
	open, _ := it["open"].(*types.AttributeValueMemberM)
	due := m.books.due
	s.applyTo(m.books, func(name string) bool { return open.Value[name] == nil })
	if m.books.due != due && number(it["due"]) == due {
		m.books.due = due // it died before it updated the due index
	}
}

func (m *machine) item(t *rapid.T) map[string]types.AttributeValue {
	out, err := m.table.Client.GetItem(context.Background(), &dynamodb.GetItemInput{
		TableName: &m.table.Name, ConsistentRead: new(true), Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: "ORG#" + m.org}, "sk": &types.AttributeValueMemberS{Value: "ACCOUNT"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Item
}

// compare compares the account with the books and, when credits have moved, the ledger
// too.
func (m *machine) compare(t *rapid.T) {
	it := m.item(t)
	if diff := m.books.differs(it, m.now); diff != "" {
		t.Fatal(diff)
	}
	balance := ledger.Credits(number(it["available"]))
	if balance < 0 {
		t.Fatalf("got %d available, want at least 0", balance)
	}
	for _, amount := range it["open"].(*types.AttributeValueMemberM).Value {
		balance += ledger.Credits(number(amount))
	}
	if m.books.held != m.books.resolved+len(m.books.open) {
		t.Fatalf("got %d holds, want the sum of %d resolved and %d open", m.books.held, m.books.resolved, len(m.books.open))
	}
	if len(m.books.entries) != m.read {
		m.compareLedger(t, balance)
		m.read = len(m.books.entries)
	}
}

// compareLedger compares the entries with the books and the balance.
func (m *machine) compareLedger(t *rapid.T, balance ledger.Credits) {
	entries := map[string]entry{}
	var sum ledger.Credits
	err := m.table.Store.EachEntry(context.Background(), m.org, time.Time{}, m.now.AddDate(1, 0, 0), func(e ledger.Entry) {
		if _, twice := entries[e.ID]; twice {
			t.Fatalf("got entry %s twice, want once", e.ID)
		}
		entries[e.ID] = entry{e.Amount, ledger.Day(e.At)}
		sum += e.Amount
	})
	if err != nil {
		t.Fatal(err)
	}
	if sum != balance {
		t.Fatalf("got entries with the sum %d, want the balance %d", sum, balance)
	}
	for id, want := range m.books.entries {
		if entries[id] != want {
			t.Fatalf("entry %s: got %v, want %v", id, entries[id], want)
		}
	}
	if len(entries) != len(m.books.entries) {
		t.Fatalf("got %d entries, want %d", len(entries), len(m.books.entries))
	}
}

// wantNoOrphans checks that a sweep has left no expired hold. Two kinds may wait until
// the account is due again: holds of a process whose clock is behind, and holds of a
// late copy of an admission.
func (m *machine) wantNoOrphans(t *rapid.T, at time.Time) {
	for name, h := range m.books.open {
		if !h.late && h.expiry().Before(at.Add(-2*maxSkew)) || m.books.due > m.now.Add(ledger.HoldLife+maxSkew).UnixMilli() {
			t.Fatalf("got %s, expired at %s, open at %s, want it released", name, clock(h.expiry()), clock(at))
		}
	}
}

// check compares everything with the books, at random times.
func (m *machine) check(t *rapid.T) {
	if len(m.calls)%100 == 0 {
		m.compareAll(t)
	}
}

// finish lets everything expire and compares everything with the books.
func (m *machine) finish(t *rapid.T) {
	for range 2 {
		m.now = m.now.Add(ledger.HoldLife + maxSkew)
		last := sweep{m.now}
		if answer := last.send(context.Background(), m.stores[0]); answer != last.apply(m.books, m.now) {
			t.Fatalf("got %q from the last sweep, want the books' answer", answer)
		}
		m.compare(t)
	}
	if len(m.books.open) != 0 || m.books.due != 0 {
		t.Fatalf("got open turns %v, due %d at the end, want none and 0", m.books.open, m.books.due)
	}
	m.compareAll(t)
}

// compareAll compares the ledger, the usage and the threads with the books.
func (m *machine) compareAll(t *rapid.T) {
	ctx := context.Background()
	balance := m.books.available
	for _, h := range m.books.open {
		balance += h.amount
	}
	m.compareLedger(t, balance)
	rows, err := m.table.Store.Usage(ctx, m.org, "2026-02-01", ledger.Day(m.now))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if r.Usage != m.books.usage[r.UsageOf] {
			t.Fatalf("usage of %+v: got %+v, want %+v", r.UsageOf, r.Usage, m.books.usage[r.UsageOf])
		}
	}
	if len(rows) != len(m.books.usage) {
		t.Fatalf("got %d rows of usage, want %d", len(rows), len(m.books.usage))
	}
	for id, want := range m.books.threads {
		m.compareThread(t, id, want)
	}
}

func (m *machine) compareThread(t *rapid.T, id string, want []string) {
	th := thread.Thread{OrgID: m.org, ID: id}
	var got []turn.Turn
	for {
		var after int64
		if len(got) > 0 {
			after = got[len(got)-1].Place
		}
		page, err := m.table.Store.TurnsAfter(context.Background(), th, after, 100)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		got = append(got, page...)
	}
	for i, x := range got {
		if i >= len(want) || x.ID != want[i] || x.Charge != m.books.settled[x.ID].charge || x.Assistant == "" {
			t.Fatalf("turn %d of thread %s: got %+v, want %s", i+1, id, x, want)
		}
	}
	if len(got) != len(want) {
		t.Fatalf("thread %s: got %d turns, want %d", id, len(got), len(want))
	}
}

func (m *machine) key(t *rapid.T, path string) idempotency.Key {
	k, err := idempotency.New(m.org, "POST", path,
		rapid.SampledFrom([]string{"1", "2", "3", "4", "5", "6"}).Draw(t, "client's key"), []byte(rapid.SampledFrom([]string{"a", "a", "b"}).Draw(t, "body")))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (m *machine) newID(at time.Time) string {
	m.ids++
	return idAt(at, m.ids)
}

// idAt returns the id of a history's n-th turn.
func idAt(at time.Time, n uint64) string {
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[:], uint64(at.UnixMilli())<<16)
	binary.BigEndian.PutUint64(id[8:], n)
	id[6], id[8] = 0x70, 0x80|id[8]&0x3f
	return id.String()
}

func startedAt(turnID string) time.Time { return turn.StartedAt(turnID) }
