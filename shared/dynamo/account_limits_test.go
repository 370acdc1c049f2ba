package dynamo_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/ledger"
)

// Changed limits are read back. The prices that are hidden without metering return with it.
func TestChangeLimits_ReadsBack(t *testing.T) {
	b := newBench(t, ledger.Credit)
	own := &ledger.PricesPatch{PerTurn: new(ledger.Credits(7))}
	change := func(p ledger.LimitsPatch) ledger.Account {
		t.Helper()
		a, err := b.Store.ChangeLimits(ctx, nil, b.org, p)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	changed := change(ledger.LimitsPatch{
		MonthlyMessagesHosted: new(9), MaxConcurrentTurns: new(4), Prices: ledger.PricesPatch{PerTurn: new(ledger.Credit)},
		ModelPrices: map[string]*ledger.PricesPatch{"a.b#c:0": own, "x": own}, OwnPrices: *own,
	})
	want := ledger.NewAccount(b.org, ledger.Credit)
	want.Limits.MonthlyMessagesHosted, want.Limits.MaxConcurrentTurns, want.Prices.PerTurn = 9, 4, ledger.Credit
	special := want.Prices
	special.PerTurn = 7
	want.ModelPrices = map[string]ledger.Prices{"a.b#c:0": special, "x": special}
	want.OwnPrices.PerTurn = 7
	if d := cmp.Diff([]ledger.Account{want, want}, []ledger.Account{changed, b.Account(t, b.org)}); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}

	off := change(ledger.LimitsPatch{Metering: new(false)})
	if met := b.Account(t, b.org); off.Prices != want.Prices || met.PricesOf(ledger.Hosted, "y") != (ledger.Prices{}) || met.PricesOf(ledger.Hosted, "x") != (ledger.Prices{}) ||
		off.OwnPrices != want.OwnPrices || met.PricesOf(ledger.OwnKey, "x") != (ledger.Prices{}) || met.Hold != 0 {
		t.Errorf("got prices and hold %+v for the operator and %+v for a turn without metering, want only the operator's kept", off, met)
	}
	change(ledger.LimitsPatch{
		Metering: new(true), MonthlyMessagesHosted: new(0), ModelPrices: map[string]*ledger.PricesPatch{"a.b#c:0": nil, "x": nil},
		OwnPrices: ledger.PricesPatch{PerTurn: new(ledger.Credits(0))},
	})
	want.Limits.MonthlyMessagesHosted, want.ModelPrices, want.OwnPrices = 0, nil, ledger.Prices{}
	if d := cmp.Diff(want, b.Account(t, b.org)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	_, err := b.Store.ChangeLimits(ctx, nil, uuid.NewString(), ledger.LimitsPatch{Metering: new(true)})
	wantCode(t, err, fault.NotFound)
}

// Concurrent changes of limits, while turns open and settle, are neither lost nor partial, and no
// credit is lost.
func TestChangeLimits_Concurrent(t *testing.T) {
	b := newBench(t, 100*ledger.Credit, generous)
	var mu sync.Mutex
	made, charged := map[string]ledger.Credits{}, ledger.Credits(0)
	var race sync.WaitGroup
	for i := range 8 {
		name := fmt.Sprintf("model-%d", i)
		race.Go(func() {
			price := ledger.Credits(i + 1)
			p := ledger.LimitsPatch{ModelPrices: map[string]*ledger.PricesPatch{name: {PerTurn: &price}}}
			_, err := b.Store.ChangeLimits(ctx, nil, b.org, p)
			switch {
			case err == nil:
				mu.Lock()
				defer mu.Unlock()
				made[name] = price
			case !fault.Is(err, fault.Conflict):
				t.Errorf("got %v, want nil or Conflict", err)
			}
		})
		race.Go(func() {
			hold, err := b.admit()
			if err != nil {
				t.Error(err)
				return
			}
			settled, err := b.settle(hold, b.settled(hold, 70))
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			charged += settled.Charge
		})
	}
	race.Wait()
	a := b.Account(t, b.org)
	got := map[string]ledger.Credits{}
	for name, p := range a.ModelPrices {
		got[name] = p.PerTurn
	}
	if d := cmp.Diff(made, got); d != "" || len(made) == 0 {
		t.Errorf("limits (-want +got):\n%s", d)
	}
	if a.Available != 100*ledger.Credit-charged || charged != 8*70 || a.Held() != 0 || a.Limits.RatePerMinute != 1e6 {
		t.Errorf("got %d charged: %+v; want %d, nothing held and the patched limits", charged, a, 8*70)
	}
}

func adjustment(org string, amount ledger.Credits) ledger.Entry {
	return ledger.Entry{ID: uuid.Must(uuid.NewV7()).String(), OrgID: org, Kind: ledger.Adjustment, Amount: amount, Reason: "test", At: noon}
}

// Of 64 concurrent adjustments by one credit down, on a balance of twenty, twenty succeed, also on a
// sharded account. The ledger has each of them.
func TestAddEntry_ConcurrentAdjustmentsDown(t *testing.T) {
	for _, shards := range []int{1, 4} {
		t.Run(fmt.Sprint(shards), func(t *testing.T) {
			b := newBench(t, 20*ledger.Credit, inShards(shards))
			var made atomic.Int64
			var race sync.WaitGroup
			for range 64 {
				race.Go(func() {
					err := b.Store.AddEntry(ctx, nil, adjustment(b.org, -ledger.Credit))
					switch {
					case err == nil:
						made.Add(1)
					case !fault.Is(err, fault.Conflict):
						t.Errorf("got %v, want nil or Conflict", err)
					}
				})
			}
			race.Wait()
			a := b.Account(t, b.org)
			entries, err := b.Store.Entries(ctx, b.org, nil, 100)
			if made.Load() != 20 || a.Available != 0 || len(entries) != 21 || err != nil {
				t.Errorf("got %d adjustments, %d credits left, %d entries, error %v; want 20, 0, 21 and none", made.Load(), a.Available, len(entries), err)
			}
		})
	}
}

// An adjustment can neither take held credits nor exceed the largest balance.
func TestAddEntry_OutOfRange(t *testing.T) {
	b := newBench(t, ledger.Credit)
	b.mustAdmit(t)
	before := b.Account(t, b.org)
	for _, amount := range []ledger.Credits{-ledger.Credit, before.Hold - ledger.Credit - 1, ledger.MaxBalance} {
		wantCode(t, b.Store.AddEntry(ctx, nil, adjustment(b.org, amount)), fault.Conflict)
	}
	wantCode(t, b.Store.AddEntry(ctx, nil, adjustment(uuid.NewString(), 1)), fault.NotFound)
	entries, err := b.Store.Entries(ctx, b.org, nil, 100)
	if d := cmp.Diff(before, b.Account(t, b.org)); d != "" || len(entries) != 1 || err != nil {
		t.Errorf("got %d entries, %v; want 1; account (-want +got):\n%s", len(entries), err, d)
	}
	if err := b.Store.AddEntry(ctx, nil, adjustment(b.org, before.Hold-ledger.Credit)); err != nil {
		t.Error(err)
	}
}

func newOrg(name string) (identity.Org, ledger.Account) {
	o := identity.Org{ID: uuid.Must(uuid.NewV7()).String(), Name: name, Email: "u@example.com", CreatedAt: noon}
	return o, ledger.NewAccount(o.ID, 0)
}

// Of eight concurrent requests that create an org with the same owner, one creates it completely and
// the others leave no rows.
func TestCreateOwnedOrg_Concurrent(t *testing.T) {
	table := dynamotest.Open(t)
	id := uuid.NewString()
	var mu sync.Mutex
	var made []identity.Org
	var race sync.WaitGroup
	for range 8 {
		race.Go(func() {
			o, a := newOrg("mine")
			owner := newUser(o.ID, identity.Owner, noon)
			owner.ID = id
			err := table.Store.CreateOwnedOrg(ctx, nil, o, a, owner)
			switch {
			case err == nil:
				mu.Lock()
				defer mu.Unlock()
				made = append(made, o)
			case !fault.Is(err, fault.Conflict):
				t.Errorf("got %v, want nil or Conflict", err)
			}
		})
	}
	race.Wait()
	listed, err := table.Store.Orgs(ctx, "", 10)
	if d := cmp.Diff(made, listed); err != nil || len(made) != 1 || d != "" {
		t.Fatalf("%v (-created +listed):\n%s", err, d)
	}
	owner, err := table.Store.User(ctx, id)
	if err != nil || owner.OrgID != made[0].ID || owner.Role != identity.Owner {
		t.Errorf("got owner %+v, %v; want one of org %s", owner, err, made[0].ID)
	}
	// The owner is counted, so the org's last owner cannot be demoted.
	_, err = table.Store.ChangeRole(ctx, nil, made[0].ID, id, identity.Member)
	wantCode(t, err, fault.Conflict)
	if items := table.Items(t); len(items) != 5 {
		t.Errorf("got %d items, want 5: %v", len(items), items)
	}
}

// A repeated request creates one org.
func TestCreateOwnedOrg_RepeatedRequest(t *testing.T) {
	table := dynamotest.Open(t)
	key, err := idempotency.New(identity.OperatorOrg, "POST", "/x", "once", nil)
	if err != nil {
		t.Fatal(err)
	}
	once := &idempotency.Change{Key: key, Answer: func(result any) (idempotency.Answer, error) {
		return idempotency.Answer{Status: 201, Body: []byte(result.(identity.Org).ID)}, nil
	}}
	id := uuid.NewString()
	first, money := newOrg("mine")
	for i, o := range []identity.Org{first, {ID: uuid.Must(uuid.NewV7()).String(), CreatedAt: noon}} {
		owner := newUser(o.ID, identity.Owner, noon)
		owner.ID = id
		money.OrgID = o.ID
		err := table.Store.CreateOwnedOrg(ctx, once, o, money, owner)
		if i == 0 && err != nil || i == 1 && !fault.Is(err, fault.Conflict) {
			t.Errorf("time %d: got %v, want no error, then Conflict", i+1, err)
		}
	}
	if kept, err := table.Store.Answered(ctx, key); err != nil || kept == nil || string(kept.Body) != first.ID {
		t.Errorf("got %+v, %v; want the answer %s", kept, err, first.ID)
	}
	if listed, err := table.Store.Orgs(ctx, "", 10); err != nil || len(listed) != 1 {
		t.Errorf("got %+v, %v; want 1 org", listed, err)
	}
}

// The list of all orgs shows changed names.
func TestOrgs_RenamedOrg(t *testing.T) {
	table := dynamotest.Open(t)
	first, second := table.Org(t, 0), table.Org(t, 0)
	if _, err := table.Store.UpdateOrg(ctx, nil, second, identity.OrgPatch{Name: new("renamed"), AllowedOrigins: &[]string{"*"}}); err != nil {
		t.Fatal(err)
	}
	listed, err := table.Store.Orgs(ctx, "", 10)
	if err != nil || len(listed) != 2 || listed[0].ID != first || listed[0].Name != t.Name() || listed[1].Name != "renamed" {
		t.Errorf(`got %+v, %v; want %s (%s) and "renamed"`, listed, err, first, t.Name())
	}
	if after, err := table.Store.Orgs(ctx, first, 1); err != nil || len(after) != 1 || after[0].ID != second {
		t.Errorf("got %+v, %v; want only %s", after, err, second)
	}
}
