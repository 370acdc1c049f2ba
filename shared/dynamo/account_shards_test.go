package dynamo_test

import (
	"context"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/turn"
)

func inShards(n int) func(*ledger.Account) {
	return func(a *ledger.Account) { generous(a); a.Shards = n }
}

// A sharded account behaves like one account for any sequence of holds, settlements, releases, top-ups
// and adjustments: a turn is refused only if all parts together lack credits, nothing is overdrawn, and
// the entries add up to the balance.
func TestShards_ActAsOneAccount(t *testing.T) {
	dynamotest.Checks(t, 20)
	b := newBench(t, 0)
	rapid.Check(t, func(rt *rapid.T) {
		balance := ledger.Credits(rapid.Int64Range(0, 8).Draw(rt, "balance")) * ledger.DefaultHold / 2
		org := b.Org(t, balance, inShards(rapid.IntRange(1, 5).Draw(rt, "shards")))
		var open []ledger.Hold
		available := balance
		account := func() ledger.Account { return b.Account(t, org) }
		admit := func(rt *rapid.T) {
			hold, err := b.Store.Admit(ctx, turn.Admission{OrgID: org, KeyID: "k", TurnID: turn.NewID(), At: time.Now(), Balance: true})
			switch {
			case err == nil && available >= ledger.DefaultHold:
				if hold.AvailableBefore() != available {
					rt.Fatalf("got %s available before, want %s", hold.AvailableBefore(), available)
				}
				available -= ledger.DefaultHold
				open = append(open, hold)
			case !fault.Is(err, fault.InsufficientCredits) || available >= ledger.DefaultHold:
				rt.Fatalf("with %s: got %v, want InsufficientCredits only for less than a hold", available, err)
			}
		}
		// closing closes an open turn; without one, it admits one.
		closing := func(shut func(*rapid.T, ledger.Hold)) func(*rapid.T) {
			return func(rt *rapid.T) {
				if len(open) == 0 {
					admit(rt)
					return
				}
				i := rapid.IntRange(0, len(open)-1).Draw(rt, "which")
				hold := open[i]
				open = append(open[:i], open[i+1:]...)
				shut(rt, hold)
			}
		}
		rt.Repeat(map[string]func(*rapid.T){
			"admit": admit,
			"settle": closing(func(rt *rapid.T, hold ledger.Hold) {
				x := b.settled(hold, ledger.Credits(rapid.Int64Range(0, 2*int64(ledger.DefaultHold)).Draw(rt, "charge")))
				x.OrgID, x.ThreadID = org, hold.TurnID
				done, err := b.Store.Settle(ctx, &turn.Settlement{Hold: hold, Turn: x})
				if err != nil {
					rt.Fatal(err)
				}
				available += ledger.DefaultHold - done.Charge
			}),
			"release": closing(func(rt *rapid.T, hold ledger.Hold) {
				if err := b.Store.Release(ctx, hold); err != nil {
					rt.Fatal(err)
				}
				available += ledger.DefaultHold
			}),
			"entry": func(rt *rapid.T) {
				amount := ledger.Credits(rapid.Int64Range(-3, 3).Draw(rt, "amount")) * ledger.DefaultHold / 2
				err := b.Store.AddEntry(ctx, nil, ledger.Entry{ID: turn.NewID(), OrgID: org, Kind: ledger.Adjustment, Amount: amount, Reason: "x", At: time.Now()})
				switch {
				case err == nil && available+amount >= 0:
					available += amount
				case !fault.Is(err, fault.Conflict) || available+amount >= 0:
					rt.Fatalf("%s to %s: got %v, want Conflict only below zero", amount, available, err)
				}
			},
			"grow": func(rt *rapid.T) {
				shards := rapid.IntRange(1, 6).Draw(rt, "shards")
				_, err := b.Store.ChangeLimits(ctx, nil, org, ledger.LimitsPatch{Shards: &shards})
				if grown := shards >= max(account().Shards, 1); (err == nil) != grown && !fault.Is(err, fault.Invalid) {
					rt.Fatalf("to %d shards: got %v, want no error: %t, else Invalid", shards, err, grown)
				}
			},
			"": func(rt *rapid.T) {
				a := account()
				if a.Available != available || a.Available < 0 || len(a.Open) != len(open) || a.Held() != ledger.Credits(len(open))*ledger.DefaultHold {
					rt.Fatalf("got %s available, %d open; want %s, %d", a.Available, len(a.Open), available, len(open))
				}
				if a.Limits.RatePerMinute != 1e6 || a.Limits.MaxConcurrentTurns != ledger.DefaultLimits.MaxConcurrentTurns {
					rt.Fatalf("got limits %+v, want %d a minute and %d turns at once", a.Limits, int(1e6), ledger.DefaultLimits.MaxConcurrentTurns)
				}
			},
		})
	})
}

// Of 64 concurrent turns on a sharded account that covers 20 holds, at most 20 are admitted. Retries
// admit the turns that were refused while credits moved between parts.
func TestShards_ConcurrentTurnsBeyondBalance(t *testing.T) {
	b := newBench(t, 20*ledger.DefaultHold, inShards(4))
	admitted, refused := b.race(t, 64)
	if admitted > 20 || admitted+refused != 64 {
		t.Errorf("got %d admitted, %d refused; want at most 20 of 64", admitted, refused)
	}
	a := b.Account(t, b.org)
	if a.Available < 0 || a.Balance() != 20*ledger.DefaultHold || a.Held() != ledger.Credits(admitted)*ledger.DefaultHold {
		t.Errorf("got %d admitted, account %+v; want a balance of 20 holds and a hold for each admitted turn", admitted, a)
	}
	// Credits that parts have borrowed during the race are available to later turns.
	for ; admitted < 20; admitted++ {
		if _, err := b.admit(); err != nil {
			t.Fatal(err)
		}
	}
	wantCode(t, second(b.admit()), fault.InsufficientCredits)
	released, err := b.Store.Sweep(context.Background(), time.Now().Add(2*ledger.HoldLife))
	if a := b.Account(t, b.org); err != nil || released != 20 || a.Held() != 0 || a.Balance() != 20*ledger.DefaultHold {
		t.Errorf("got %d released (%v), account %+v; want 20, no hold and the whole balance", released, err, a)
	}
}

// Concurrent turns that the account covers are all admitted while its parts lend each other credits.
func TestShards_CoveredTurnsAreNeverRefused(t *testing.T) {
	for name, c := range map[string]struct {
		shards       int
		turns, holds int
	}{
		"exactly":   {4, 20, 20},
		"many":      {8, 64, 64},
		"with room": {8, 32, 64},
	} {
		t.Run(name, func(t *testing.T) {
			for range 2 {
				b := newBench(t, ledger.Credits(c.holds)*ledger.DefaultHold, inShards(c.shards))
				if admitted, refused := b.race(t, c.turns); admitted != int64(c.turns) {
					t.Errorf("got %d turns admitted and %d refused, want %d and 0", admitted, refused, c.turns)
				}
			}
		})
	}
}

// The limits of the parts add up to the account's: exactly that many turns are admitted.
func TestShards_LimitsAddUp(t *testing.T) {
	for name, change := range map[string]func(*ledger.Limits){
		"rate":     func(l *ledger.Limits) { l.RatePerMinute = 7 },
		"key rate": func(l *ledger.Limits) { l.KeyRatePerMinute = 7 },
		"turns":    func(l *ledger.Limits) { l.MaxConcurrentTurns = 7 },
		"messages": func(l *ledger.Limits) { l.MonthlyMessagesHosted = 7 },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, 100*ledger.Credit, inShards(3), func(a *ledger.Account) { change(&a.Limits) })
			at := time.Date(2026, 3, 1, 12, 0, 10, 0, time.UTC)
			admitted := 0
			for range 20 {
				_, err := b.Store.Admit(ctx, turn.Admission{OrgID: b.org, KeyID: "k", TurnID: turn.NewID(), At: at})
				switch {
				case err == nil:
					admitted++
				case !fault.Is(err, fault.RateLimited) && !fault.Is(err, fault.LimitReached):
					t.Fatalf("got %v, want RateLimited or LimitReached", err)
				}
			}
			if admitted != 7 {
				t.Errorf("got %d admitted, want 7", admitted)
			}
		})
	}
}
