package dynamo

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/thread"
	"github.com/quintet-agents/quintet/shared/turn"
)

// Settle closes an open turn in one transaction: the account, the turn's row
// and the agent's day; a thread's first turn gives it its title as well.
//
// That the account still names the turn makes it happen once. That the row's
// number is free keeps a thread's turns in the order they settled, without a
// counter that overlapping turns would fight over.
func (s *Store) Settle(ctx context.Context, hold ledger.Hold, t turn.Turn) (turn.Turn, error) {
	for {
		steps, err := s.settlement(hold, t)
		if err != nil {
			return turn.Turn{}, err
		}
		_, err = s.db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: steps})
		if err == nil {
			return t, nil
		}
		var canceled *types.TransactionCanceledException
		if !errors.As(err, &canceled) {
			return turn.Turn{}, err
		}
		account, row := canceled.CancellationReasons[0], canceled.CancellationReasons[1]
		switch {
		case conditionFailed(account):
			if _, open := accountOf(account.Item).Open[t.ID]; !open {
				return s.outcome(ctx, t)
			}
			t.Charge = hold.Amount + max(accountOf(account.Item).Available, 0)
		case conditionFailed(row):
			last, err := s.lastNumber(ctx, t.OrgID, t.ThreadID)
			if err != nil {
				return turn.Turn{}, err
			}
			t.Number = max(last, t.Number) + 1
		default:
			return turn.Turn{}, err
		}
	}
}

// settlement returns the transaction's steps, the account first, the row second.
func (s *Store) settlement(hold ledger.Hold, t turn.Turn) ([]types.TransactWriteItem, error) {
	row, err := s.put(turnRowOf(t), ifNew)
	if err != nil {
		return nil, err
	}
	steps := []types.TransactWriteItem{{Update: s.settleAccount(hold, t)}, row, {Update: s.countDay(t)}}
	if t.Number == 1 {
		steps = append(steps, types.TransactWriteItem{Update: s.giveTitle(t)})
	}
	return steps, nil
}

func (s *Store) settleAccount(hold ledger.Hold, t turn.Turn) *types.Update {
	update := "SET available = available + :back REMOVE #open.#turn"
	names := map[string]string{
		"#open": "open", "#turn": t.ID, "#turns": monthTurns(t.SettledAt), "#tokens": monthTokens(t.SettledAt),
	}
	update = dropStale(update, names, hold.Stale)
	return &types.Update{
		TableName: &s.table, Key: accountKey(t.OrgID).item(),
		UpdateExpression: new(update + " ADD #turns :one, #tokens :tokens"),
		// What the charge takes beyond the hold must be there.
		ConditionExpression:      new("#open.#turn = :hold AND available >= :beyond"),
		ExpressionAttributeNames: names,
		ExpressionAttributeValues: item{
			":hold": num(hold.Amount), ":back": num(hold.Amount - t.Charge), ":beyond": num(max(t.Charge-hold.Amount, 0)),
			":one": num(1), ":tokens": num(t.Usage.Input + t.Usage.Output),
		},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
}

func (s *Store) countDay(t turn.Turn) *types.Update {
	return &types.Update{
		TableName: &s.table, Key: dayKey(t.OrgID, t.AgentID, t.SettledAt.UTC().Format("2006-01-02")).item(),
		UpdateExpression: new("ADD charge :charge, turns :one, input_tokens :input, output_tokens :output"),
		ExpressionAttributeValues: item{
			":charge": num(t.Charge), ":one": num(1), ":input": num(t.Usage.Input), ":output": num(t.Usage.Output),
		},
	}
}

func (s *Store) giveTitle(t turn.Turn) *types.Update {
	return &types.Update{
		TableName: &s.table, Key: threadKey(t.OrgID, t.ThreadID).item(),
		UpdateExpression:          new("SET title = if_not_exists(title, :title)"),
		ExpressionAttributeValues: item{":title": str(thread.TitleFrom(t.User))},
		ConditionExpression:       new(ifExists),
	}
}

// outcome tells how a turn was closed that is no longer open: its row is there
// if it settled, and not if its hold was released.
func (s *Store) outcome(ctx context.Context, t turn.Turn) (turn.Turn, error) {
	for after := t.Number - 1; ; {
		turns, err := s.TurnsAfter(ctx, t.OrgID, t.ThreadID, after, pageOfTurns)
		if err != nil {
			return turn.Turn{}, err
		}
		for _, settled := range turns {
			if settled.ID == t.ID {
				return settled, nil
			}
			after = settled.Number
		}
		if len(turns) == 0 {
			return turn.Turn{}, fault.New(fault.Conflict, "The turn had run out of time and was released")
		}
	}
}

func conditionFailed(r types.CancellationReason) bool {
	return r.Code != nil && *r.Code == "ConditionalCheckFailed"
}
