package dynamo_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"

	"github.com/quintet-agents/quintet/shared/dynamo"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/turn"
)

// midnight is the first of a month.
var midnight = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

func (b bench) settleAt(t testing.TB, at time.Time, change func(*turn.Turn)) turn.Turn {
	t.Helper()
	hold, err := b.Store.Admit(ctx, turn.Admission{OrgID: b.org, KeyID: "key", TurnID: turn.NewID(), At: at})
	if err != nil {
		t.Fatal(err)
	}
	x := b.settled(hold, 70)
	x.SettledAt, x.StartedAt, x.ThreadID = at, at, b.thread.ID+hold.TurnID
	change(&x)
	settled, err := b.Store.Settle(ctx, turn.Settlement{Hold: hold, Turn: x})
	if err != nil {
		t.Fatal(err)
	}
	return settled
}

// What is counted by day, agent, key, channel and model adds up to the ledger,
// to the micro-credit, across midnights, and the rollup finds nothing to do.
func TestUsageEqualsTheLedger(t *testing.T) {
	checks(t, "30")
	rapid.Check(t, func(rt *rapid.T) {
		b := newBench(t, 1000*ledger.Credit, generous)
		from, to := midnight.Add(-24*time.Hour), midnight.Add(48*time.Hour)
		var sum ledger.Usage
		byAgent := map[string]ledger.Usage{}
		for range rapid.IntRange(1, 12).Draw(rt, "turns") {
			offset := rapid.Int64Range(from.UnixMilli(), to.UnixMilli()-1).Draw(rt, "at")
			settled := b.settleAt(t, time.UnixMilli(offset).UTC(), func(x *turn.Turn) {
				x.AgentID = rapid.SampledFrom([]string{"a", "b", "ab"}).Draw(rt, "agent")
				x.KeyID = rapid.SampledFrom([]string{"k", "l"}).Draw(rt, "key")
				x.Channel = rapid.SampledFrom([]string{"flapjack", "flowgent"}).Draw(rt, "channel")
				x.Model = rapid.SampledFrom([]string{"m", "m:0"}).Draw(rt, "model")
				x.Usage = model.Usage{Input: rapid.IntRange(0, 99).Draw(rt, "in"), Output: rapid.IntRange(0, 99).Draw(rt, "out")}
				x.Charge = ledger.Credits(rapid.Int64Range(0, 900_000).Draw(rt, "charge"))
			})
			u := ledger.Usage{Turns: 1, Input: settled.Usage.Input, Output: settled.Usage.Output, Charge: settled.Charge}
			sum, byAgent[settled.AgentID] = sum.Plus(u), byAgent[settled.AgentID].Plus(u)
		}
		rows, err := b.Store.Usage(ctx, b.org, ledger.Day(from), ledger.Day(to))
		if err != nil || total(rows) != sum {
			rt.Fatalf("usage %+v, settled %+v (%v)", total(rows), sum, err)
		}
		for agent, want := range byAgent {
			rows, err := b.Store.AgentUsage(ctx, b.org, agent, ledger.Day(from), ledger.Day(to))
			if err != nil || total(rows) != want {
				rt.Fatalf("usage of %s %+v, settled %+v (%v)", agent, total(rows), want, err)
			}
		}
		entries, err := b.Store.Entries(ctx, b.org, nil, 1000)
		if err != nil {
			rt.Fatal(err)
		}
		var balance ledger.Credits
		for _, e := range entries {
			balance += e.Amount
		}
		if a := b.Account(t, b.org); a.Balance() != balance {
			rt.Fatalf("the entries add up to %d, the balance is %d", balance, a.Balance())
		}
		for day := from; day.Before(to); day = day.AddDate(0, 0, 1) {
			if state := b.rollup(t, day); state.Repaired != 0 || !state.Done || state.Orgs != 1 {
				rt.Fatalf("%s: %+v", ledger.Day(day), state)
			}
		}
	})
}

func generous(a *ledger.Account) { a.Limits.RatePerMinute, a.Limits.KeyRatePerMinute = 1e6, 1e6 }

func total(rows []ledger.UsageRow) (sum ledger.Usage) {
	for _, r := range rows {
		sum = sum.Plus(r.Usage)
	}
	return sum
}

// rollup runs the rollup of a day, as the schedule does on the next.
func (b bench) rollup(t testing.TB, day time.Time) ledger.RollupState {
	t.Helper()
	if err := ledger.Rollup(b.Store)(ctx, day.Add(25*time.Hour)); err != nil {
		t.Fatal(err)
	}
	state, err := b.Store.Rollup(ctx, ledger.Day(day))
	if err != nil {
		t.Fatal(err)
	}
	return state
}

// A count that was damaged is repaired from the ledger, one that was lost comes
// back, one that should not be there counts nothing.
func TestRollupRepairs(t *testing.T) {
	b := newBench(t, ledger.Credit)
	other := b.Org(t, 0)
	b.settleAt(t, midnight, func(*turn.Turn) {})
	b.settleAt(t, midnight.Add(time.Hour), func(x *turn.Turn) { x.Channel = "lost" })
	want, err := b.Store.Usage(ctx, b.org, "2026-03-01", "2026-03-01")
	if err != nil || len(want) != 2 {
		t.Fatal(want, err)
	}
	for _, it := range b.Items(t) {
		channel, _ := it["channel"].(*types.AttributeValueMemberS)
		if _, counted := it["turns"]; !counted || channel == nil {
			continue
		}
		k := map[string]types.AttributeValue{"pk": it["pk"], "sk": it["sk"]}
		if channel.Value == "lost" {
			_, err = b.Client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &b.Name, Key: k})
		} else {
			_, err = b.Client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
				TableName: &b.Name, Key: k, UpdateExpression: aws.String("ADD charge :n"),
				ExpressionAttributeValues: map[string]types.AttributeValue{":n": &types.AttributeValueMemberN{Value: "1"}},
			})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Store.RepairUsage(ctx, other, ledger.UsageOf{Day: "2026-03-01", AgentID: "ghost"}, ledger.Usage{}, ledger.Usage{Turns: 9}); err != nil {
		t.Fatal(err)
	}
	if state := b.rollup(t, midnight); state.Repaired != 3 || state.Orgs != 2 || !state.Done {
		t.Errorf("%+v", state)
	}
	got, err := b.Store.Usage(ctx, b.org, "2026-03-01", "2026-03-01")
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%+v, want %+v (%v)", got, want, err)
	}
	ghost, err := b.Store.Usage(ctx, other, "2026-03-01", "2026-03-01")
	if err != nil || total(ghost) != (ledger.Usage{}) {
		t.Errorf("%+v, %v", ghost, err)
	}
}

// A rollup that meets the end of its time goes on where it stopped.
func TestRollupGoesOn(t *testing.T) {
	b := newBench(t, ledger.Credit)
	for range 5 {
		b.Org(t, 0)
	}
	books := &slowBooks{Store: b.Store, page: 2, fail: 2}
	run := func() error { return ledger.Rollup(books)(ctx, midnight.Add(25*time.Hour)) }
	if err := run(); err == nil {
		t.Fatal("the store did not fail")
	}
	state, err := b.Store.Rollup(ctx, "2026-03-01")
	if err != nil || state.Orgs != 2 || state.Done {
		t.Fatalf("%+v, %v", state, err)
	}
	if err := run(); err != nil {
		t.Fatal(err)
	}
	if state, err = b.Store.Rollup(ctx, "2026-03-01"); err != nil || state.Orgs != 6 || !state.Done {
		t.Errorf("%+v, %v", state, err)
	}
}

// slowBooks hands out few orgs at a time and fails once.
type slowBooks struct {
	*dynamo.Store
	page, fail int
}

func (s *slowBooks) OrgsAfter(c context.Context, after string, _ int) ([]string, error) {
	s.fail--
	if s.fail == 0 {
		return nil, fmt.Errorf("the store is away")
	}
	return s.Store.OrgsAfter(c, after, s.page)
}
