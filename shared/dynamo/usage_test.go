package dynamo_test

import (
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/dynamo"
	"github.com/quintet-agents/quintet/shared/ledger"
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
	settled, err := b.Store.Settle(ctx, &turn.Settlement{Hold: hold, Turn: x})
	if err != nil {
		t.Fatal(err)
	}
	return settled
}

// An agent's usage excludes that of an agent whose id begins alike, and is counted per day. tests/ledger checks
// that all usage adds up to the ledger.
func TestAgentUsage(t *testing.T) {
	b := newBench(t, 1000*ledger.Credit, generous)
	want := map[[2]string]ledger.Usage{} // by agent and day
	for i, agent := range []string{"a", "ab", "b", "a", "ab", "a"} {
		for _, after := range []time.Duration{-24 * time.Hour, -time.Millisecond, 0, 24*time.Hour - time.Millisecond} {
			settled := b.settleAt(t, midnight.Add(after), func(x *turn.Turn) {
				x.AgentID, x.Charge, x.Model = agent, ledger.Credits(1<<i), []string{"m", "m:0"}[i%2]
			})
			of := [2]string{agent, ledger.Day(settled.SettledAt)}
			want[of] = want[of].Plus(ledger.Usage{Turns: 1, Input: settled.Usage.Input, Output: settled.Usage.Output, Charge: settled.Charge})
		}
	}
	for _, agent := range []string{"a", "ab", "b", "nobody"} {
		var all ledger.Usage
		for _, day := range []string{"2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02"} {
			rows, err := b.Store.AgentUsage(ctx, b.org, agent, day, day)
			if err != nil || total(rows) != want[[2]string{agent, day}] {
				t.Errorf("usage of %s on %s: got %+v, want %+v (%v)", agent, day, total(rows), want[[2]string{agent, day}], err)
			}
			all = all.Plus(total(rows))
		}
		if rows, err := b.Store.AgentUsage(ctx, b.org, agent, "2026-02-27", "2026-03-02"); err != nil || total(rows) != all {
			t.Errorf("usage of %s in all: got %+v, want %+v (%v)", agent, total(rows), all, err)
		}
	}
}

func generous(a *ledger.Account) { a.Limits.RatePerMinute, a.Limits.KeyRatePerMinute = 1e6, 1e6 }

func total(rows []ledger.UsageRow) (sum ledger.Usage) {
	for _, r := range rows {
		sum = sum.Plus(r.Usage)
	}
	return sum
}

// rollup runs the rollup of a day, like the schedule on the next day.
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

// The rollup repairs a wrong count from the ledger, restores a missing one, and sets a superfluous one to zero.
func TestRollup_Repairs(t *testing.T) {
	b := newBench(t, ledger.Credit)
	other := b.Org(t, 0)
	b.settleAt(t, midnight, func(*turn.Turn) {})
	b.settleAt(t, midnight.Add(time.Hour), func(x *turn.Turn) { x.Channel = "lost" })
	want, err := b.Store.Usage(ctx, b.org, "2026-03-01", "2026-03-01")
	if err != nil || len(want) != 2 {
		t.Fatalf("got %d days of usage, %v; want 2", len(want), err)
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
		t.Errorf("got %+v, want 3 repaired of 2 orgs, done", state)
	}
	got, err := b.Store.Usage(ctx, b.org, "2026-03-01", "2026-03-01")
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %+v, want %+v (%v)", got, want, err)
	}
	ghost, err := b.Store.Usage(ctx, other, "2026-03-01", "2026-03-01")
	if err != nil || total(ghost) != (ledger.Usage{}) {
		t.Errorf("got usage %+v, %v; want none", ghost, err)
	}
}

// A rollup that was stopped by its deadline continues where it stopped.
func TestRollup_ContinuesAfterDeadline(t *testing.T) {
	b := newBench(t, ledger.Credit)
	for range 5 {
		b.Org(t, 0)
	}
	books := &slowBooks{Store: b.Store, page: 2, fail: 2}
	run := func() error { return ledger.Rollup(books)(ctx, midnight.Add(25*time.Hour)) }
	if err := run(); err == nil {
		t.Fatal("got no error, want that of the store")
	}
	state, err := b.Store.Rollup(ctx, "2026-03-01")
	if err != nil || state.Orgs != 2 || state.Done {
		t.Fatalf("got %+v, %v; want 2 orgs, not done", state, err)
	}
	if err := run(); err != nil {
		t.Fatal(err)
	}
	if state, err = b.Store.Rollup(ctx, "2026-03-01"); err != nil || state.Orgs != 6 || !state.Done {
		t.Errorf("got %+v, %v; want 6 orgs, done", state, err)
	}
}

// slowBooks returns few orgs at a time and fails once.
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

// Numbers in the table beyond int64 are read as the largest int64, and do not prevent reading the other numbers
// and the sum.
func TestUsage_NumbersBeyondInt64(t *testing.T) {
	b := newBench(t, 1000*ledger.Credit, generous)
	b.settleAt(t, midnight, func(x *turn.Turn) { x.AgentID, x.Charge = "usual", 5 })
	for agent, charge := range map[string]string{"most": "9223372036854775807", "beyond": "92233720368547758070000", "below": "-1E+30", "whole": "1E+3"} {
		b.settleAt(t, midnight, func(x *turn.Turn) { x.AgentID = agent })
		for _, it := range b.Items(t) {
			if id, ok := it["agent_id"].(*types.AttributeValueMemberS); !ok || id.Value != agent || it["turns"] == nil {
				continue
			}
			_, err := b.Client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
				TableName: &b.Name, Key: map[string]types.AttributeValue{"pk": it["pk"], "sk": it["sk"]},
				UpdateExpression:          aws.String("SET charge = :n, input_tokens = :n"),
				ExpressionAttributeValues: map[string]types.AttributeValue{":n": &types.AttributeValueMemberN{Value: charge}},
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	rows, err := b.Store.Usage(ctx, b.org, "2026-03-01", "2026-03-01")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]ledger.Credits{}
	for _, r := range rows {
		if r.Charge != ledger.Credits(r.Input) && r.AgentID != "usual" {
			t.Errorf("%s: got %d tokens and %d credits, want the same", r.AgentID, r.Input, r.Charge)
		}
		got[r.AgentID] = r.Charge
	}
	want := map[string]ledger.Credits{"usual": 5, "most": math.MaxInt64, "beyond": math.MaxInt64, "below": math.MinInt64, "whole": 1000}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// A range that ends with the last day of year 9999 ends there, because later days do not sort as text.
func TestUsage_LastYears(t *testing.T) {
	b := newBench(t, ledger.Credit, generous)
	for _, c := range [][2]string{{"9999-12-25", "9999-12-31"}, {"2026-01-31", "2026-01-01"}, {"0000-01-01", "0000-02-01"}} {
		if rows, err := b.Store.Usage(ctx, b.org, c[0], c[1]); err != nil || len(rows) != 0 {
			t.Errorf("%s to %s: got %d rows, %v; want none", c[0], c[1], len(rows), err)
		}
	}
}
