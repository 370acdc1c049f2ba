package dynamo

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/turn"
)

// Settle closes an open turn in one transaction: the account, the turn's row
// and the day's usage; what it changes of its thread and what its idempotency
// key keeps of it, where there is such a thing.
//
// That the account still names the turn makes it happen once. That the row's
// number is free keeps a thread's turns in the order they settled, without a
// counter that overlapping turns would fight over.
func (s *Store) Settle(ctx context.Context, c turn.Settlement) (turn.Turn, error) {
	began := c.Turn.Number
	for {
		steps, err := s.settlement(c)
		if err != nil {
			return turn.Turn{}, err
		}
		err = s.write(ctx, steps.all)
		if err == nil {
			return steps.turn, nil
		}
		var canceled *types.TransactionCanceledException
		if !errors.As(err, &canceled) {
			return turn.Turn{}, err
		}
		failed := func(step int) bool { return step >= 0 && conditionFailed(canceled.CancellationReasons[step]) }
		switch {
		case failed(accountStep):
			account := accountOf(canceled.CancellationReasons[accountStep].Item)
			if held, open := account.Open[openName(c.Hold.Kind, c.Turn.ID)]; !open || held != c.Hold.Amount {
				return s.outcome(ctx, c.Turn, began)
			}
			c.Turn.Charge = min(c.Turn.Charge, c.Hold.Amount+max(account.Available, 0))
			c.Hold.Stale = nil // one of them may not be, any more
		case failed(steps.thread):
			if c.Thread, err = threadMeanwhile(c, canceled.CancellationReasons[steps.thread].Item); err != nil {
				return turn.Turn{}, err
			}
		case failed(turnStep):
			// Mostly another turn has the number. It is this one that has it, or
			// one after it, if a late copy of its admission opened it again.
			settled, last, err := s.settledSince(ctx, c.Turn, began)
			if err != nil || settled.ID != "" {
				return settled, err
			}
			c.Turn.Number = max(last, c.Turn.Number) + 1
		case failed(steps.claim):
			return turn.Turn{}, fault.New(fault.Conflict, "The turn had run out of time, and another with its Idempotency-Key began")
		default:
			return turn.Turn{}, err
		}
	}
}

// The places of steps in every settlement.
const (
	accountStep = 0
	turnStep    = 1
)

// settlementSteps are a settlement's steps, and where those are that not every
// one has; -1 when it has not.
type settlementSteps struct {
	all           []types.TransactWriteItem
	thread, claim int
	turn          turn.Turn // as it can be read afterwards: times have milliseconds, tools their limit
}

func (s *Store) settlement(c turn.Settlement) (settlementSteps, error) {
	c.Turn.Starts = c.Thread.Start || c.Turn.Number == 1
	row := turnRowOf(c.Turn)
	put, err := s.put(row, ifNew)
	if err != nil {
		return settlementSteps{}, err
	}
	steps := settlementSteps{thread: -1, claim: -1, turn: row.turn()}
	steps.all = []types.TransactWriteItem{{Update: s.settleAccount(c.Hold, c.Turn)}, put, {Update: s.countUsage(c.Turn)}}
	add := func(u *types.Update) int {
		steps.all = append(steps.all, types.TransactWriteItem{Update: u})
		return len(steps.all) - 1
	}
	switch {
	case c.Thread.Start:
		steps.thread = add(s.startThread(c.Turn, c.Thread))
	case c.Thread.Title != "" || len(c.Thread.Visitor) > 0:
		steps.thread = add(s.touchThread(c.Turn, c.Thread))
	}
	if c.Claim != nil {
		steps.claim = add(s.keep(*c.Claim, c.Turn, c.Record))
	}
	return steps, nil
}

func (s *Store) settleAccount(hold ledger.Hold, t turn.Turn) *types.Update {
	names := map[string]string{
		"#open": "open", "#turn": openName(hold.Kind, t.ID), "#tokens": monthTokens(hold.Kind, t.SettledAt),
	}
	values := item{
		":hold": num(hold.Amount), ":back": num(hold.Amount - t.Charge), ":beyond": num(max(t.Charge-hold.Amount, 0)),
		":tokens": num(t.Usage.Input + t.Usage.Output),
	}
	removes, unless := s.dropStale(names, values, hold.Stale)
	return &types.Update{
		TableName: &s.table, Key: shardKey(t.OrgID, hold.Shard).item(),
		UpdateExpression: new("SET available = available + :back REMOVE #open.#turn" + removes + " ADD #tokens :tokens"),
		// What the charge takes beyond the hold must be there.
		ConditionExpression:                 new("#open.#turn = :hold AND available >= :beyond" + unless),
		ExpressionAttributeNames:            names,
		ExpressionAttributeValues:           values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
}

// outcome tells how a turn was closed that is no longer open: its row is there
// if it settled, and not if its hold was released.
func (s *Store) outcome(ctx context.Context, t turn.Turn, began int64) (turn.Turn, error) {
	settled, _, err := s.settledSince(ctx, t, began)
	if err == nil && settled.ID == "" {
		err = fault.New(fault.Conflict, "The turn had run out of time and was released")
	}
	return settled, err
}

// settledSince looks for a turn's row, which has the number that it began with
// or a later one. It returns the number of the thread's last turn if there is
// no such row.
func (s *Store) settledSince(ctx context.Context, t turn.Turn, began int64) (settled turn.Turn, last int64, err error) {
	for last = began - 1; ; {
		turns, err := s.turnsAfter(ctx, t.OrgID, t.ThreadID, last, pageOfTurns)
		if err != nil || len(turns) == 0 {
			return turn.Turn{}, last, err
		}
		for _, x := range turns {
			if x.ID == t.ID {
				return x, x.Number, nil
			}
			last = x.Number
		}
	}
}

func conditionFailed(r types.CancellationReason) bool {
	return r.Code != nil && *r.Code == "ConditionalCheckFailed"
}
