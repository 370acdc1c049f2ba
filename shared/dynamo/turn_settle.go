package dynamo

import (
	"context"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/turn"
)

// Settle closes an open turn in one transaction. It writes the account, the turn's
// row and the day's usage, and where there are any, the changes of the thread and
// the record of the turn under its idempotency key.
//
// The transaction removes the turn from the account's open turns, on condition
// that it is among them, so that a turn settles once. The account's fence (see
// turn_place.go) makes the turn the last of its thread.
//
// An attempt whose response was lost may be written later, and a late copy of the
// turn's admission may open a settled turn again. After such an attempt the place is
// therefore moved on only when the fence has passed it, so that no other attempt at
// it can succeed, and when no row of the turn is at it: see moveOn.
func (s *Store) Settle(ctx context.Context, c *turn.Settlement) (turn.Turn, error) {
	c.Turn.Charge = min(max(c.Turn.Charge, 0), ledger.MaxBalance)
	if s.now().Add(-freshPlace).UnixMicro() > c.Turn.Place {
		if settled, err := s.moveOn(ctx, c, c.Turn.Place); err != nil || settled.ID != "" {
			return settled, err
		}
	}
	for attempt := 1; ; attempt++ {
		steps, err := s.settlement(c)
		if err != nil {
			return turn.Turn{}, err
		}
		err = s.writeSettlement(ctx, steps.all, c)
		if err == nil {
			c.Uncertain = true // for a caller that settles it again
			return steps.turn, nil
		}
		settled, err := s.adapt(ctx, c, steps, attempt, err)
		if err != nil || settled.ID != "" {
			return settled, err
		}
	}
}

// adapt adapts a failed settlement to the current state of the table, so that it can be written
// again. It returns the turn if it is already settled, and err if nothing can be adapted.
func (s *Store) adapt(ctx context.Context, c *turn.Settlement, steps settlementSteps, attempt int, err error) (turn.Turn, error) {
	if permanent(err) {
		return turn.Turn{}, &fault.Error{Code: fault.Internal, Message: "The turn cannot be stored", Err: err}
	}
	if !canceled(err) {
		return turn.Turn{}, err
	}
	if crossed(err) == aws.TrueTernary {
		if err := s.pause(ctx, attempt, err); err != nil {
			return turn.Turn{}, err
		}
		if !c.Uncertain {
			c.Turn.Place = s.placeAfter(c.Turn.Place)
		}
		return turn.Turn{}, nil
	}
	switch {
	case unmet(err, accountStep):
		return s.meanwhile(ctx, c, unmetItem(err, accountStep))
	case unmet(err, turnStep):
		row, err := s.turnAt(ctx, c.Turn)
		if err != nil || row.ID == c.Turn.ID {
			return row, err
		}
		c.Turn.Place, c.Uncertain = s.placeAfter(c.Turn.Place), false
		return turn.Turn{}, nil
	case unmet(err, steps.thread):
		return s.threadMeanwhile(ctx, c, unmetItem(err, steps.thread))
	case unmet(err, steps.claim):
		return turn.Turn{}, fault.New(fault.Conflict, "The turn had run out of time, and another turn with its Idempotency-Key has begun")
	}
	return turn.Turn{}, err
}

// pause waits for the delay of the client's retry policy. It returns the error if the policy
// allows no further attempt or ctx ends.
func (s *Store) pause(ctx context.Context, attempt int, err error) error {
	policy := s.db.Options().Retryer
	if attempt >= policy.MaxAttempts() {
		return err
	}
	delay, noDelay := policy.RetryDelay(attempt, err)
	if noDelay != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return err
	case <-time.After(delay):
		return nil
	}
}

// writeSettlement writes a settlement's steps as one transaction. The SDK retries
// it unchanged, except after a conflict with another transaction: Settle retries
// that one, at a later place.
func (s *Store) writeSettlement(ctx context.Context, steps []types.TransactWriteItem, c *turn.Settlement) error {
	_, err := s.db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: steps}, func(o *dynamodb.Options) {
		o.Retryer = settling{o.Retryer, c}
	})
	return err
}

// settling is a retry policy that records attempts whose outcome is unknown.
type settling struct {
	aws.Retryer
	settlement *turn.Settlement
}

// IsErrorRetryable returns false for canceled transactions, which Settle retries.
func (r settling) IsErrorRetryable(err error) bool {
	if canceled(err) {
		return false
	}
	r.settlement.Uncertain = true
	return r.Retryer.IsErrorRetryable(err)
}

// meanwhile adapts a settlement to an account that has changed since it was read. It returns the
// turn if it is already settled.
func (s *Store) meanwhile(ctx context.Context, c *turn.Settlement, it item) (turn.Turn, error) {
	account := accountOf(it)
	held, open := account.Open[openName(c.Hold.Kind, c.Turn.ID)]
	if !open {
		return s.outcome(ctx, c)
	}
	if last := integer(it[fenceOf(c.Turn.ThreadID)]); last >= c.Turn.Place {
		if settled, err := s.moveOn(ctx, c, last); err != nil || settled.ID != "" {
			return settled, err
		}
	}
	c.Hold.Amount = held // an extension whose response was lost
	c.Hold.Account.Shards = account.Shards
	c.Turn.Charge = min(c.Turn.Charge, held+max(account.Available, 0))
	c.Hold.Stale = nil // one of them may be in use again
	return turn.Turn{}, nil
}

// moveOn moves a settlement's place beyond the fence. It returns the turn if an
// attempt at the old place has succeeded.
func (s *Store) moveOn(ctx context.Context, c *turn.Settlement, last int64) (turn.Turn, error) {
	if c.Uncertain {
		settled, err := s.turnAt(ctx, c.Turn)
		if err != nil || settled.ID == c.Turn.ID {
			return settled, err
		}
	}
	c.Turn.Place, c.Uncertain = s.placeAfter(last), false
	return turn.Turn{}, nil
}

// outcome returns a turn that is no longer open: its row is in the thread if it has
// settled. It is a Conflict if the hold was released.
func (s *Store) outcome(ctx context.Context, c *turn.Settlement) (turn.Turn, error) {
	if settled, err := s.turnAt(ctx, c.Turn); err != nil || settled.ID == c.Turn.ID {
		return settled, err
	}
	q := &dynamodb.QueryInput{
		ConsistentRead:         new(true),
		KeyConditionExpression: new("pk = :pk AND sk BETWEEN :from AND :to"), FilterExpression: new("id = :id"),
		ExpressionAttributeValues: item{
			":pk": str(threadPK(c.Turn.OrgID, c.Turn.ThreadID)), ":from": str(turnSK(c.Record.Base + 1)), ":to": str(turnPrefix + "~"), ":id": str(c.Turn.ID),
		},
	}
	turns, err := collect(ctx, s, q, 1, turnRow.turn)
	if err != nil {
		return turn.Turn{}, err
	}
	if len(turns) > 0 {
		return turns[0], nil
	}
	return turn.Turn{}, turn.ErrReleased
}

// turnAt returns the turn at t's place in t's thread, or the zero turn.
func (s *Store) turnAt(ctx context.Context, t turn.Turn) (turn.Turn, error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &s.table, ConsistentRead: new(true), Key: key{threadPK(t.OrgID, t.ThreadID), turnSK(t.Place)}.item(),
	})
	if err != nil || out.Item == nil {
		return turn.Turn{}, err
	}
	turns, err := turnsOf([]item{out.Item})
	if err != nil {
		return turn.Turn{}, err
	}
	return turns[0], nil
}

// The indexes of the steps of every settlement.
const (
	accountStep = 0
	turnStep    = 1
)

// settlementSteps has the steps of a settlement's transaction and the indexes of the optional
// ones; -1 means an absent step.
type settlementSteps struct {
	all           []types.TransactWriteItem
	thread, claim int
	turn          turn.Turn // in its stored form: times in milliseconds, tools cut to their limit
}

func (s *Store) settlement(c *turn.Settlement) (settlementSteps, error) {
	c.Turn.Place = max(c.Turn.Place, 1)
	t := c.Turn
	t.Starts = c.Thread.Start || c.Thread.Title != ""
	row := turnRowOf(t)
	put, err := s.put(row, ifNew)
	if err != nil {
		return settlementSteps{}, err
	}
	steps := settlementSteps{thread: -1, claim: -1, turn: row.turn()}
	steps.all = []types.TransactWriteItem{{Update: s.settleAccount(c.Hold, t)}, put, {Update: s.countUsage(t)}}
	add := func(u *types.Update) int {
		steps.all = append(steps.all, types.TransactWriteItem{Update: u})
		return len(steps.all) - 1
	}
	change, err := s.changeThread(t, c.Thread, c.Hold.Account.Shards > 1)
	if err != nil {
		return settlementSteps{}, err
	}
	if change != nil {
		steps.thread = add(change)
	}
	if c.Claim != nil {
		steps.claim = add(s.keep(*c.Claim, t, c.Record))
	}
	return steps, nil
}

func (s *Store) settleAccount(hold ledger.Hold, t turn.Turn) *types.Update {
	names := map[string]string{
		"#open": "open", "#turn": openName(hold.Kind, t.ID), "#tokens": monthTokens(hold.Kind, t.SettledAt), "#fence": fenceOf(t.ThreadID),
	}
	values := item{
		":hold": num(hold.Amount), ":back": num(hold.Amount - t.Charge), ":beyond": num(max(t.Charge-hold.Amount, 0)),
		":tokens": num(t.Usage.Input + t.Usage.Output), ":place": num(t.Place), ":shards": num(max(hold.Account.Shards, 1)),
	}
	removes, unless := s.dropStale(names, values, hold.Stale)
	return &types.Update{
		TableName: &s.table, Key: shardKey(t.OrgID, hold.Shard).item(),
		UpdateExpression: new("SET available = available + :back, #fence = :place REMOVE #open.#turn" + removes + " ADD #tokens :tokens"),
		// The part of the charge beyond the hold must be available.
		ConditionExpression: new("#open.#turn = :hold AND available >= :beyond AND (attribute_not_exists(#fence) OR #fence < :place)" +
			" AND (attribute_not_exists(shards) OR shards <= :shards)" + unless),
		ExpressionAttributeNames:            names,
		ExpressionAttributeValues:           values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
}

// threadMeanwhile adapts a settlement to a thread that has changed since it was read. It returns
// the turn if it is already settled.
func (s *Store) threadMeanwhile(ctx context.Context, c *turn.Settlement, row item) (turn.Turn, error) {
	if last := integer(row["last"]); last >= c.Turn.Place {
		if settled, err := s.moveOn(ctx, c, last); err != nil || settled.ID != "" {
			return settled, err
		}
	}
	change := stillToChange(c.Thread, row)
	if owner := text(row["agent_id"]); owner != "" && owner != c.Turn.AgentID && row["deleted_at"] == nil {
		// Claims make this impossible. If it happens, the answer is charged and kept, but
		// the other agent's thread does not show it.
		slog.ErrorContext(ctx, "turn settled into a thread of another agent; it is in the ledger only",
			"org_id", c.Turn.OrgID, "turn_id", c.Turn.ID, "thread_id", c.Turn.ThreadID)
		change = turn.ThreadChange{}
	}
	c.Thread = change
	return turn.Turn{}, nil
}
