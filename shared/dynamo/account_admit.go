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

// maxGuesses bounds how often an admission is made anew because it was written
// for windows that are not so. By one clock a window can be other than it was
// remembered, then others can begin one, and it can be young no longer: that is
// three wrong guesses for each. An operator who raises the limits meanwhile adds
// one for both, and both can be young once more.
const maxGuesses = 10

// admitOn opens a turn on a part of an account. It is written once if this
// process knows its rate windows, and once more if it learns of them.
func (s *Store) admitOn(ctx context.Context, a turn.Admission, shard int) (ledger.Hold, error) {
	windows := s.guessWindows(a, shard)
	for range maxGuesses {
		out, err := s.db.UpdateItem(ctx, s.admission(a, shard, windows))
		refused, ok := conditionFailed(err)
		if err != nil && !ok {
			return ledger.Hold{}, err
		}
		if !ok {
			s.learnWindows(a, shard, out.Attributes)
			return s.holdOf(a, shard, out.Attributes), nil
		}
		guessed := windows
		windows = s.learnWindows(a, shard, refused)
		hold, err := s.refused(a, shard, refused)
		if !errors.Is(err, errNoRefusal) || windows == guessed {
			return hold, err
		}
	}
	return ledger.Hold{}, errNoRefusal
}

// errNoRefusal says that an account had room for a turn that it did not admit.
var errNoRefusal = errors.New("a turn was refused for no reason")

func (s *Store) admission(a turn.Admission, shard int, windows guess) *dynamodb.UpdateItemInput {
	values := item{
		":none": num(0), ":one": num(1), ":due": str(dueAll), ":expiry": num(a.At.Add(ledger.HoldLife).UnixMilli()),
	}
	names, counts, within := admissionNames(a), "", ""
	if !a.Counted {
		counts, within = countRequest(a, windows, names, values)
	}
	return &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: shardKey(a.OrgID, shard).item(),
		UpdateExpression: new("SET available = available - #hold, #open.#turn = #hold, " + counts +
			"#messages = if_not_exists(#messages, :none) + :one, " +
			// Holds end in the order they began, so the first one's end is when
			// the sweeper must look.
			"due_pk = :due, due = if_not_exists(due, :expiry)"),
		ConditionExpression:                 new(admissible(a.Kind) + within),
		ExpressionAttributeNames:            names,
		ExpressionAttributeValues:           values,
		ReturnValues:                        types.ReturnValueAllNew,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
}

// admissible is the condition of ledger.Refusal, as the table checks it, without
// the rates (see count).
func admissible(kind ledger.Kind) string {
	below := func(counter, limit string) string {
		return " AND (attribute_not_exists(" + limit + ") OR attribute_not_exists(" + counter + ") AND " + limit + " > :none OR " + counter + " < " + limit + ")"
	}
	condition := "available >= #hold AND size(#open) < limit_turns AND attribute_not_exists(#open.#turn)"
	if kind == ledger.OwnKey {
		return condition + below("#messages", "cap_messages_own")
	}
	return condition + below("#messages", "cap_messages_hosted") + below("#tokens", "cap_tokens_hosted")
}

func admissionNames(a turn.Admission) map[string]string {
	names := map[string]string{
		"#hold": "hold", "#open": "open", "#turn": openName(a.Kind, a.TurnID),
		"#messages": monthMessages(a.Kind, a.At),
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
	if err := ledger.Refusal(account, ratesOf(it, a), monthOf(it, a.Kind, a.At)); err != nil {
		return ledger.Hold{}, err
	}
	return ledger.Hold{}, fmt.Errorf("org %s: %w", a.OrgID, errNoRefusal)
}

func (s *Store) holdOf(a turn.Admission, shard int, it item) ledger.Hold {
	account := accountOf(it)
	s.shards.Learn(a.OrgID, account.Shards)
	return ledger.Hold{
		OrgID: a.OrgID, TurnID: a.TurnID, Kind: a.Kind, Shard: shard, Amount: account.Open[openName(a.Kind, a.TurnID)],
		Account: account, Rates: ratesOf(it, a), Stale: staleCounters(it, a.At),
	}
}
