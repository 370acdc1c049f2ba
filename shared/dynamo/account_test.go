package dynamo_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/thread"
	"github.com/quintet-agents/quintet/shared/turn"
)

// bench is an org with an agent and a thread.
type bench struct {
	dynamotest.Table
	org    string
	thread thread.Thread
}

func newBench(t *testing.T, balance ledger.Credits, change ...func(*ledger.Account)) bench {
	t.Helper()
	b := bench{Table: dynamotest.Open(t)}
	b.org = b.Org(t, balance, change...)
	b.thread = b.Thread(t, b.Agent(t, b.org, "x"))
	return b
}

func (b bench) admit() (ledger.Hold, error) {
	return b.Store.Admit(ctx, turn.Admission{OrgID: b.org, KeyID: "key", TurnID: turn.NewID(), At: time.Now()})
}

func (b bench) mustAdmit(t *testing.T) ledger.Hold {
	t.Helper()
	hold, err := b.admit()
	if err != nil {
		t.Fatal(err)
	}
	return hold
}

// settle settles a turn of the bench's thread, which has no title yet.
func (b bench) settle(hold ledger.Hold, t turn.Turn) (turn.Turn, error) {
	return b.Store.Settle(ctx, b.settlement(hold, t))
}

func (b bench) settlement(hold ledger.Hold, t turn.Turn) *turn.Settlement {
	return &turn.Settlement{Hold: hold, Turn: t, Thread: turn.ThreadChange{Title: thread.TitleFrom(t.User)}}
}

func (b bench) settled(hold ledger.Hold, charge ledger.Credits) turn.Turn {
	return turn.Turn{
		ID: hold.TurnID, OrgID: b.org, ThreadID: b.thread.ID, AgentID: b.thread.AgentID, KeyID: "key", Channel: "test", Model: "m",
		Place: time.Now().UnixMicro(), StartedAt: time.Now().UTC().Truncate(time.Millisecond), SettledAt: time.Now().UTC().Truncate(time.Millisecond),
		User: "hello", Assistant: "hi", Usage: model.Usage{Input: 1, Output: 2}, Charge: charge,
	}
}

func TestSettle_ChargesOnce(t *testing.T) {
	b := newBench(t, ledger.Credit)
	hold := b.mustAdmit(t)
	if hold.AvailableBefore() != ledger.Credit || hold.Amount != ledger.DefaultHold || hold.Account.Available != ledger.Credit/2 {
		t.Fatalf("got hold %+v, want the default of one credit", hold)
	}
	want, err := b.settle(hold, b.settled(hold, 70))
	if err != nil {
		t.Fatal(err)
	}
	again, err := b.settle(hold, b.settled(hold, 9999))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, again); d != "" {
		t.Errorf("the second settlement differs (-first +second):\n%s", d)
	}
	if err := b.Store.Release(ctx, hold); err != nil {
		t.Fatal(err)
	}
	a := b.Account(t, b.org)
	if a.Available != ledger.Credit-70 || a.Held() != 0 {
		t.Errorf("got account %+v, want a credit less 70, nothing held", a)
	}
	c, err := b.Store.Conversation(ctx, b.org, b.thread.ID, 10)
	if err != nil || c.Thread.Title != "hello" {
		t.Fatalf(`got conversation %+v, %v; want the title "hello"`, c, err)
	}
	if d := cmp.Diff([]turn.Turn{want}, c.Turns); d != "" {
		t.Errorf("stored turn (-want +got):\n%s", d)
	}
}

func TestSettle_ReleasedTurn(t *testing.T) {
	b := newBench(t, ledger.Credit)
	hold := b.mustAdmit(t)
	for range 2 {
		if err := b.Store.Release(ctx, hold); err != nil {
			t.Fatal(err)
		}
	}
	_, err := b.settle(hold, b.settled(hold, 70))
	wantCode(t, err, fault.Conflict)
	if a := b.Account(t, b.org); a.Available != ledger.Credit || a.Held() != 0 {
		t.Errorf("got account %+v, want a credit, nothing held", a)
	}
	if c, _ := b.Store.Conversation(ctx, b.org, b.thread.ID, 10); len(c.Turns) != 0 {
		t.Errorf("got %+v of a released turn, want none", c.Turns)
	}
}

// A delayed copy of an admission reopens its turn. A retried settlement then returns the first outcome,
// and the sweeper releases the hold.
func TestSettle_ReopenedTurnIsChargedOnce(t *testing.T) {
	for name, others := range map[string]int{"last of its thread": 0, "others settled after it": 2} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, 9*ledger.Credit)
			ask := turn.Admission{OrgID: b.org, KeyID: "key", TurnID: turn.NewID(), At: time.Now()}
			hold, err := b.Store.Admit(ctx, ask)
			if err != nil {
				t.Fatal(err)
			}
			settlement := b.settlement(hold, b.settled(hold, 70))
			first, err := b.Store.Settle(ctx, settlement)
			if err != nil {
				t.Fatal(err)
			}
			for range others {
				h := b.mustAdmit(t)
				if _, err := b.settle(h, b.settled(h, 5)); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := b.Store.Admit(ctx, ask); err != nil {
				t.Fatal(err)
			}
			again, err := b.Store.Settle(ctx, settlement)
			if d := cmp.Diff(first, again); err != nil || d != "" {
				t.Errorf("%v (-first +again):\n%s", err, d)
			}
			if n, err := b.Store.Sweep(ctx, time.Now().Add(ledger.HoldLife+time.Minute)); n != 1 || err != nil {
				t.Errorf("got %d swept, %v; want 1", n, err)
			}
			if a := b.Account(t, b.org); a.Balance() != 9*ledger.Credit-70-ledger.Credits(5*others) || a.Held() != 0 {
				t.Errorf("got account %+v, want a balance of %s, nothing held", a, 9*ledger.Credit-70-ledger.Credits(5*others))
			}
		})
	}
}

// Concurrent settlements of one turn return the same turn, even if another turn has their place.
func TestSettle_SameTurnConcurrently(t *testing.T) {
	b := newBench(t, 9*ledger.Credit)
	for range 8 {
		hold, other := b.mustAdmit(t), b.mustAdmit(t)
		last, err := b.settle(other, b.settled(other, 5))
		if err != nil {
			t.Fatal(err)
		}
		var got [4]turn.Turn
		var race sync.WaitGroup
		for i := range got {
			race.Go(func() {
				x := b.settled(hold, 70)
				x.Place = last.Place
				var err error
				if got[i], err = b.settle(hold, x); err != nil {
					t.Error(err)
				}
			})
		}
		race.Wait()
		for _, x := range got {
			if x.Place != got[0].Place || x.Place <= last.Place || x.ID != hold.TurnID {
				t.Errorf("got place %d of %s, want %d of %s", x.Place, x.ID, got[0].Place, hold.TurnID)
			}
		}
	}
}

// Places grow in the order in which turns become visible, even if the processes' clocks differ. So a
// reader that has read up to one turn misses none before it.
func TestSettle_PlacesGrowAcrossClocks(t *testing.T) {
	for name, parts := range map[string]int{"one account": 1, "an account in parts": 4} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, 100*ledger.Credit)
			if parts > 1 {
				if _, err := b.Store.ChangeLimits(ctx, nil, b.org, ledger.LimitsPatch{Shards: &parts}); err != nil {
					t.Fatal(err)
				}
			}
			var last int64
			for i := range 12 {
				hold := b.mustAdmit(t)
				x := b.settled(hold, 5)
				x.Place += int64(i%3-1) * 40_000_000 // microseconds: clocks 40 s behind and ahead
				got, err := b.settle(hold, x)
				if err != nil {
					t.Fatal(err)
				}
				if got.Place <= last {
					t.Errorf("turn %d: got place %d, want one after %d", i, got.Place, last)
				}
				if got.Starts != (i == 0) {
					t.Errorf("turn %d: got starts %v, want %v", i, got.Starts, i == 0)
				}
				last = got.Place
			}
		})
	}
}

// A turn that cost more than its hold is charged at most the available credits.
func TestSettle_NeverOverdraws(t *testing.T) {
	for name, c := range map[string]struct{ charge, want, left ledger.Credits }{
		"within the hold":     {300_000, 300_000, 700_000},
		"beyond the hold":     {900_000, 900_000, 100_000},
		"all of it":           {1_000_000, 1_000_000, 0},
		"more than there is":  {1_000_001, 1_000_000, 0},
		"far more than there": {9_000_000, 1_000_000, 0},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, ledger.Credit)
			hold := b.mustAdmit(t)
			got, err := b.settle(hold, b.settled(hold, c.charge))
			if err != nil || got.Charge != c.want {
				t.Fatalf("got charge %d, want %d (%v)", got.Charge, c.want, err)
			}
			if a := b.Account(t, b.org); a.Available != c.left || a.Held() != 0 {
				t.Errorf("account: got %+v, want %d left", a, c.left)
			}
		})
	}
}

// A turn on the org's own provider holds nothing while it costs nothing, so it needs no
// credits. Prices for such turns make it hold as much as any other turn.
func TestAdmit_OwnKeyHold(t *testing.T) {
	b := newBench(t, 0)
	admit := func() (ledger.Hold, error) {
		return b.Store.Admit(ctx, turn.Admission{OrgID: b.org, KeyID: "key", TurnID: turn.NewID(), Kind: ledger.OwnKey, At: time.Now()})
	}
	free, err := admit()
	if err != nil || free.Amount != 0 || free.Account.PricesOf(ledger.OwnKey, "m") != (ledger.Prices{}) {
		t.Errorf("got %+v, %v, want no hold and no price", free, err)
	}
	price := ledger.Credit / 4
	if _, err := b.Store.ChangeLimits(ctx, nil, b.org, ledger.LimitsPatch{OwnPrices: ledger.PricesPatch{PerTurn: &price}}); err != nil {
		t.Fatal(err)
	}
	_, err = admit()
	wantCode(t, err, fault.InsufficientCredits)
	if err := b.Store.AddEntry(ctx, nil, adjustment(b.org, ledger.Credit)); err != nil {
		t.Fatal(err)
	}
	hold, err := admit()
	if err != nil || hold.Amount != ledger.DefaultHold {
		t.Fatalf("got %+v, %v, want the default hold", hold, err)
	}
	if got := hold.Account.PricesOf(ledger.OwnKey, "m"); got != (ledger.Prices{PerTurn: price}) {
		t.Errorf("got prices %+v, want %s per turn", got, price)
	}
	settled, err := b.settle(hold, b.settled(hold, price))
	if a := b.Account(t, b.org); err != nil || settled.Charge != price || a.Balance() != ledger.Credit-price {
		t.Errorf("got charge %s, balance %s, %v; want %s, %s", settled.Charge, a.Balance(), err, price, ledger.Credit-price)
	}
}

func TestAdmit_Refusals(t *testing.T) {
	for name, c := range map[string]struct {
		balance ledger.Credits
		change  func(*ledger.Account)
		admit   int // before the refused one
		code    fault.Code
		kind    ledger.Kind
	}{
		"empty":                {0, func(*ledger.Account) {}, 0, fault.InsufficientCredits, ""},
		"a hair too little":    {ledger.DefaultHold - 1, func(*ledger.Account) {}, 0, fault.InsufficientCredits, ""},
		"all of it held":       {ledger.Credit, func(*ledger.Account) {}, 2, fault.InsufficientCredits, ""},
		"the org's rate":       {9 * ledger.Credit, func(a *ledger.Account) { a.Limits.RatePerMinute = 3 }, 3, fault.RateLimited, ""},
		"the key's rate":       {9 * ledger.Credit, func(a *ledger.Account) { a.Limits.KeyRatePerMinute = 2 }, 2, fault.RateLimited, ""},
		"the month's messages": {9 * ledger.Credit, func(a *ledger.Account) { a.Limits.MonthlyMessagesHosted = 2 }, 2, fault.LimitReached, ledger.Hosted},
		"a priced own key":     {ledger.DefaultHold - 1, func(a *ledger.Account) { a.OwnPrices.PerTurn = 1 }, 0, fault.InsufficientCredits, ledger.OwnKey},
		"those of own keys":    {9 * ledger.Credit, func(a *ledger.Account) { a.Limits.MonthlyMessagesOwn = 2 }, 2, fault.LimitReached, ledger.OwnKey},
		"turns side by side":   {9 * ledger.Credit, func(a *ledger.Account) { a.Limits.MaxConcurrentTurns = 1 }, 1, fault.RateLimited, ""},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, c.balance, c.change)
			at := time.Date(2026, 3, 1, 12, 0, 10, 0, time.UTC)
			admit := func() error {
				return second(b.Store.Admit(ctx, turn.Admission{OrgID: b.org, KeyID: "key", TurnID: turn.NewID(), Kind: c.kind, At: at}))
			}
			for range c.admit {
				if err := admit(); err != nil {
					t.Fatal(err)
				}
			}
			before := b.Account(t, b.org)
			err := admit()
			wantCode(t, err, c.code)
			if d := cmp.Diff(before, b.Account(t, b.org)); d != "" {
				t.Errorf("account after a refusal (-want +got):\n%s", d)
			}
			after := fault.From(err).RetryAfter
			switch c.code {
			case fault.RateLimited:
				if after <= 0 || after > time.Minute {
					t.Errorf("got retry after %s, want at most a minute", after)
				}
			case fault.LimitReached:
				if want := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC).Sub(at); after != want || fault.From(err).Details.Limit != "messages" {
					t.Errorf("got retry after %s, want %s; details %+v, want limit messages", after, want, fault.From(err).Details)
				}
			default:
				if after != 0 {
					t.Errorf("got retry after %s, want none", after)
				}
			}
		})
	}
}

// Of 64 concurrent turns on a balance that covers 20 holds, exactly 20 are admitted, and the others get
// InsufficientCredits.
func TestAdmit_ConcurrentTurnsBeyondBalance(t *testing.T) {
	b := newBench(t, 20*ledger.DefaultHold)
	if admitted, refused := b.race(t, 64); admitted != 20 || refused != 44 {
		t.Errorf("got %d admitted, %d refused; want 20, 44", admitted, refused)
	}
}

// race admits turns concurrently, and returns the numbers of admitted turns and of turns that were refused
// for lack of credits.
func (b bench) race(t *testing.T, turns int) (in, out int64) {
	t.Helper()
	var admitted, refused atomic.Int64
	var race sync.WaitGroup
	for range turns {
		race.Go(func() {
			_, err := b.admit()
			switch {
			case err == nil:
				admitted.Add(1)
			case fault.Is(err, fault.InsufficientCredits):
				refused.Add(1)
			default:
				t.Errorf("got %v, want nil or InsufficientCredits", err)
			}
		})
	}
	race.Wait()
	return admitted.Load(), refused.Load()
}

// After turns that open, settle and are released concurrently, entries and balance add up.
func TestAccount_ConcurrentTurns(t *testing.T) {
	b := newBench(t, 20*ledger.DefaultHold)
	var charged atomic.Int64
	var open, most atomic.Int64
	var race sync.WaitGroup
	for i := range 64 {
		race.Go(func() {
			hold, err := b.admit()
			if fault.Is(err, fault.InsufficientCredits) {
				return
			}
			if err != nil {
				t.Error(err)
				return
			}
			for now := open.Add(1); ; {
				m := most.Load()
				if now <= m || most.CompareAndSwap(m, now) {
					break
				}
			}
			open.Add(-1)
			if i%4 == 0 {
				err = b.Store.Release(ctx, hold)
			} else {
				var s turn.Turn
				s, err = b.settle(hold, b.settled(hold, ledger.Credits(1000+i)))
				charged.Add(int64(s.Charge))
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	race.Wait()
	if most.Load() > 20 {
		t.Errorf("got %d turns open at a time, want at most 20", most.Load())
	}
	a := b.Account(t, b.org)
	if a.Held() != 0 || a.Balance() != 20*ledger.DefaultHold-ledger.Credits(charged.Load()) {
		t.Errorf("got balance %d, held %d; want %d, 0", a.Balance(), a.Held(), 20*ledger.DefaultHold-ledger.Credits(charged.Load()))
	}
	c, err := b.Store.Conversation(ctx, b.org, b.thread.ID, 100)
	if err != nil {
		t.Fatal(err)
	}
	var sum ledger.Credits
	for _, settled := range c.Turns {
		sum += settled.Charge
	}
	if int64(sum) != charged.Load() {
		t.Errorf("got a sum of the entries of %d, want the %d charged", sum, charged.Load())
	}
}

func TestSweep_ReleasesExpiredHolds(t *testing.T) {
	b := newBench(t, 10*ledger.Credit)
	other := b.Org(t, ledger.Credit)
	dead, alive := b.mustAdmit(t), b.mustAdmit(t)
	if _, err := b.Store.Admit(ctx, turn.Admission{OrgID: other, KeyID: "k", TurnID: turn.NewID(), At: time.Now()}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.settle(alive, b.settled(alive, 5)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		after time.Duration
		want  int
	}{{ledger.HoldLife - time.Minute, 0}, {ledger.HoldLife + time.Minute, 2}, {ledger.HoldLife + 2*time.Minute, 0}} {
		n, err := b.Store.Sweep(ctx, time.Now().Add(c.after))
		if err != nil || n != c.want {
			t.Fatalf("after %s: got %d released, want %d (%v)", c.after, n, c.want, err)
		}
	}
	if a := b.Account(t, b.org); a.Balance() != 10*ledger.Credit-5 || a.Held() != 0 {
		t.Errorf("got account %+v, want 10 credits less 5, nothing held", a)
	}
	_, err := b.settle(dead, b.settled(dead, 5))
	wantCode(t, err, fault.Conflict)
	for _, item := range b.Items(t) {
		if _, due := item["due"]; due {
			t.Error("got an account without holds that is due, want it not due")
		}
	}
	// The next turn makes the account due again.
	b.mustAdmit(t)
	if n, err := b.Store.Sweep(ctx, time.Now().Add(ledger.HoldLife+time.Minute)); n != 1 || err != nil {
		t.Errorf("got %d released (%v), want 1", n, err)
	}
}

func TestAdmit_WithoutMetering(t *testing.T) {
	b := newBench(t, 0, func(a *ledger.Account) { a.Metered, a.Hold = false, 0 })
	hold := b.mustAdmit(t)
	if hold.Account.Prices != (ledger.Prices{}) {
		t.Errorf("got prices %+v, want none", hold.Account.Prices)
	}
	if _, err := b.settle(hold, b.settled(hold, 0)); err != nil {
		t.Fatal(err)
	}
	if a := b.Account(t, b.org); a.Balance() != 0 || len(a.Open) != 0 {
		t.Errorf("got account %+v, want no balance and no open turns", a)
	}
}

func TestAdmit_UnknownOrg(t *testing.T) {
	b := newBench(t, 0)
	_, err := b.Store.Admit(ctx, turn.Admission{OrgID: "nobody", KeyID: "k", TurnID: turn.NewID(), At: time.Now()})
	var known *fault.Error
	if err == nil || errors.As(err, &known) {
		t.Errorf("got error %v, want one that is not for callers", err)
	}
}

// A month's messages include open turns, exclude released ones, and begin again with the month. Hosted turns
// and those with the org's own key have separate counts.
func TestAdmit_MonthlyMessages(t *testing.T) {
	b := newBench(t, 9*ledger.Credit, func(a *ledger.Account) { a.Limits.MonthlyMessagesHosted, a.Limits.MonthlyMessagesOwn = 2, 1 })
	end := time.Date(2026, 3, 31, 23, 59, 59, 0, time.UTC)
	admit := func(kind ledger.Kind, at time.Time) (ledger.Hold, error) {
		return b.Store.Admit(ctx, turn.Admission{OrgID: b.org, KeyID: "k", TurnID: turn.NewIDAt(at), Kind: kind, At: at})
	}
	one, err := admit(ledger.Hosted, end)
	if err != nil {
		t.Fatal(err)
	}
	two, err := admit(ledger.Hosted, end)
	if err != nil {
		t.Fatal(err)
	}
	wantCode(t, second(admit(ledger.Hosted, end)), fault.LimitReached)
	own, err := admit(ledger.OwnKey, end)
	if err != nil {
		t.Fatal(err)
	}
	wantCode(t, second(admit(ledger.OwnKey, end)), fault.LimitReached)
	for _, hold := range []ledger.Hold{one, own} {
		if err := b.Store.Release(ctx, hold); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := admit(ledger.OwnKey, end); err != nil {
		t.Error(err)
	}
	if _, err := b.settle(two, b.settled(two, 1)); err != nil {
		t.Fatal(err)
	}
	if _, err := admit(ledger.Hosted, end); err != nil {
		t.Error(err)
	}
	wantCode(t, second(admit(ledger.Hosted, end)), fault.LimitReached)
	if _, err := admit(ledger.Hosted, end.Add(time.Second)); err != nil {
		t.Errorf("a new month: %v", err)
	}
}

// The cap of tokens applies to hosted turns only.
func TestAdmit_MonthlyTokens(t *testing.T) {
	b := newBench(t, 9*ledger.Credit, func(a *ledger.Account) { a.Limits.MonthlyTokensHosted = 3 })
	hold := b.mustAdmit(t)
	if _, err := b.settle(hold, b.settled(hold, 1)); err != nil { // 1 + 2 tokens
		t.Fatal(err)
	}
	_, err := b.admit()
	wantCode(t, err, fault.LimitReached)
	if d := fault.From(err).Details; d.Limit != "tokens" {
		t.Errorf("got details %+v, want limit tokens", d)
	}
	own := turn.Admission{OrgID: b.org, KeyID: "k", TurnID: turn.NewID(), Kind: ledger.OwnKey, At: time.Now()}
	if _, err := b.Store.Admit(ctx, own); err != nil {
		t.Error(err)
	}
}
