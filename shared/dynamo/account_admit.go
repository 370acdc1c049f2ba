package dynamo

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/turn"
)

// Admit opens a turn on its org's account: one conditional write of one item,
// which holds the credits, counts the request, and answers with the account as
// it then stands.
func (s *Store) Admit(ctx context.Context, a turn.Admission) (ledger.Hold, error) {
	if shards := s.shards.Of(a.OrgID); shards > 1 {
		return s.admitAnywhere(ctx, a, shards)
	}
	hold, err := s.admitOn(ctx, a, 0)
	if shards := s.shards.Of(a.OrgID); err != nil && shards > 1 {
		return s.admitAnywhere(ctx, a, shards) // which that part has just told
	}
	return hold, err
}

// admitOn opens a turn on a part of an account.
func (s *Store) admitOn(ctx context.Context, a turn.Admission, shard int) (ledger.Hold, error) {
	out, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: shardKey(a.OrgID, shard).item(),
		UpdateExpression: new("SET available = available - #hold, #open.#turn = #hold, " +
			"#org = if_not_exists(#org, :none) + :one, #key = if_not_exists(#key, :none) + :one, " +
			"#messages = if_not_exists(#messages, :none) + :one, " +
			// Holds end in the order they began, so the first one's end is when
			// the sweeper must look.
			"due_pk = :due, due = if_not_exists(due, :expiry)"),
		ConditionExpression:      new(admissible(a.Kind)),
		ExpressionAttributeNames: admissionNames(a),
		ExpressionAttributeValues: item{
			":none": num(0), ":one": num(1), ":due": str(dueAll), ":expiry": num(a.At.Add(ledger.HoldLife).UnixMilli()),
		},
		ReturnValues:                        types.ReturnValueAllNew,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	if refused, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok {
		return s.refused(a, shard, refused.Item)
	}
	if err != nil {
		return ledger.Hold{}, err
	}
	return s.holdOf(a, shard, out.Attributes), nil
}

// admissible is the condition of ledger.Refusal, as the table checks it.
func admissible(kind ledger.Kind) string {
	below := func(counter, limit string) string {
		return " AND (attribute_not_exists(" + limit + ") OR attribute_not_exists(" + counter + ") AND " + limit + " > :none OR " + counter + " < " + limit + ")"
	}
	condition := "available >= #hold AND size(#open) < limit_turns AND attribute_not_exists(#open.#turn)" +
		below("#org", "limit_rate") + below("#key", "limit_key_rate")
	if kind == ledger.OwnKey {
		return condition + below("#messages", "cap_messages_own")
	}
	return condition + below("#messages", "cap_messages_hosted") + below("#tokens", "cap_tokens_hosted")
}

func admissionNames(a turn.Admission) map[string]string {
	minute := minuteOf(a.At)
	names := map[string]string{
		"#hold": "hold", "#open": "open", "#turn": openName(a.Kind, a.TurnID),
		"#org": orgWindow(minute), "#key": keyWindow(minute, a.KeyID), "#messages": monthMessages(a.Kind, a.At),
	}
	if a.Kind != ledger.OwnKey {
		names["#tokens"] = monthTokens(ledger.Hosted, a.At)
	}
	return names
}

// refused reads why from the account that the gate saw.
func (s *Store) refused(a turn.Admission, shard int, it item) (ledger.Hold, error) {
	if it == nil {
		return ledger.Hold{}, fmt.Errorf("org %s has no account", a.OrgID)
	}
	account := accountOf(it)
	s.shards.Learn(a.OrgID, account.Shards)
	if _, open := account.Open[openName(a.Kind, a.TurnID)]; open {
		// A retry of the SDK's whose first try was heard after all.
		return s.holdOf(a, shard, it), nil
	}
	if err := ledger.Refusal(account, windowOf(it, a.KeyID, a.At), monthOf(it, a.Kind, a.At)); err != nil {
		return ledger.Hold{}, err
	}
	return ledger.Hold{}, fmt.Errorf("org %s was refused for no reason", a.OrgID)
}

func (s *Store) holdOf(a turn.Admission, shard int, it item) ledger.Hold {
	account := accountOf(it)
	s.shards.Learn(a.OrgID, account.Shards)
	return ledger.Hold{
		OrgID: a.OrgID, TurnID: a.TurnID, Kind: a.Kind, Shard: shard, Amount: account.Open[openName(a.Kind, a.TurnID)],
		Account: account, Stale: staleCounters(it, a.At),
	}
}
