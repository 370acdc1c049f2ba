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

// Admit opens a turn on its org's account: one conditional write of one item, which holds
// the credits, counts the request and returns the updated account.
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

// maxGuesses bounds the retries of an admission after wrong guesses about its two rate
// windows. Each window can cause three wrong guesses: it may differ from the cached one, a
// concurrent request may begin a new one, and that one may stop being young. A concurrent
// change of the limits adds one more, after which both can be young again.
const maxGuesses = 10

// admitOn opens a turn on a part of an account. It writes once if this process knows the
// rate windows, and otherwise again for the windows that the failed write returned.
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

// errNoRefusal is the error of a turn that was refused although the account had room.
var errNoRefusal = errors.New("a turn was refused for no reason")

func (s *Store) admission(a turn.Admission, shard int, windows guess) *dynamodb.UpdateItemInput {
	values := item{
		":none": num(0), ":one": num(1), ":due": str(dueAll), ":expiry": num(a.At.Add(ledger.HoldLife).UnixMilli()),
	}
	names, counts, within, hold := admissionNames(a), "", "", "#hold"
	if a.Kind == ledger.OwnKey {
		hold = "if_not_exists(#hold, :none)"
	}
	if !a.Counted {
		counts, within = countRequest(a, windows, names, values)
	}
	return &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: shardKey(a.OrgID, shard).item(),
		UpdateExpression: new("SET available = available - " + hold + ", #open.#turn = " + hold + ", " + counts +
			"#messages = if_not_exists(#messages, :none) + :one, " +
			// Holds expire in the order in which they began, so the sweeper must
			// look when the first one expires.
			"due_pk = :due, due = if_not_exists(due, :expiry)"),
		ConditionExpression:                 new(admissible(a.Kind) + within),
		ExpressionAttributeNames:            names,
		ExpressionAttributeValues:           values,
		ReturnValues:                        types.ReturnValueAllNew,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
}

// admissible returns ledger.Refusal's rules as a condition expression, without the rates
// (see count).
func admissible(kind ledger.Kind) string {
	below := func(counter, limit string) string {
		return " AND (attribute_not_exists(" + limit + ") OR attribute_not_exists(" + counter + ") AND " + limit + " > :none OR " + counter + " < " + limit + ")"
	}
	condition := "size(#open) < limit_turns AND attribute_not_exists(#open.#turn) AND "
	if kind == ledger.OwnKey {
		return condition + "(available >= #hold OR attribute_not_exists(#hold) AND available >= :none)" + below("#messages", "cap_messages_own")
	}
	return condition + "available >= #hold" + below("#messages", "cap_messages_hosted") + below("#tokens", "cap_tokens_hosted")
}

func admissionNames(a turn.Admission) map[string]string {
	names := map[string]string{
		"#hold": "hold", "#open": "open", "#turn": openName(a.Kind, a.TurnID),
		"#messages": monthMessages(a.Kind, a.At),
	}
	if a.Kind == ledger.OwnKey {
		names["#hold"] = ownHold
	} else {
		names["#tokens"] = monthTokens(ledger.Hosted, a.At)
	}
	return names
}

// refused returns the reason of a refusal, from the account that the condition saw.
func (s *Store) refused(a turn.Admission, shard int, it item) (ledger.Hold, error) {
	if it == nil {
		return ledger.Hold{}, fmt.Errorf("org %s has no account", a.OrgID)
	}
	account := accountOf(it)
	s.shards.Learn(a.OrgID, account.Shards)
	if _, open := account.Open[openName(a.Kind, a.TurnID)]; open {
		// The SDK retried an attempt that had succeeded and whose response was lost.
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
