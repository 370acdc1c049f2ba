package dynamo

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/job"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/turn"
)

// CreateJob stores a job. The same transaction counts its request against the rates, and the
// job as waiting (see FinishJob). The error is RateLimited if one of these limits is reached.
func (s *Store) CreateJob(ctx context.Context, once *idempotency.Change, j job.Job) error {
	shards := max(s.shards.Of(j.OrgID), 1)
	err := s.createAnywhere(ctx, once, j, shards)
	if now := s.shards.Of(j.OrgID); err != nil && now > shards {
		return s.createAnywhere(ctx, once, j, now)
	}
	return err
}

// createAnywhere creates a job on the first part of the account with room, in a random order.
func (s *Store) createAnywhere(ctx context.Context, once *idempotency.Change, j job.Job, shards int) error {
	var refusal error
	for _, j.Shard = range rand.Perm(shards) {
		err := s.createOn(ctx, once, j)
		if !fault.Is(err, fault.RateLimited) {
			return err
		}
		refusal = sooner(refusal, err)
	}
	return refusal
}

// The indexes of the steps in the transaction that creates a job.
const (
	countStep = 0
	jobStep   = 1
)

// createOn creates a job on a part of the account. A wrong guess about the rate
// windows costs another transaction.
func (s *Store) createOn(ctx context.Context, once *idempotency.Change, j job.Job) error {
	put, err := s.put(jobRowOf(j), ifNew)
	if err != nil {
		return err
	}
	request := turn.Admission{OrgID: j.OrgID, KeyID: j.Input.Caller.ID(), At: j.CreatedAt}
	windows := s.guessWindows(request, j.Shard)
	for range maxGuesses {
		err := s.commit(ctx, once, nil, []types.TransactWriteItem{{Update: s.countJob(request, j.Shard, windows)}, put})
		if unmet(err, jobStep) {
			return nil // an SDK attempt whose response was lost
		}
		if !unmet(err, countStep) {
			return err
		}
		it := unmetItem(err, countStep)
		if it == nil {
			return fmt.Errorf("org %s has no account", j.OrgID)
		}
		account := accountOf(it)
		s.shards.Learn(j.OrgID, account.Shards)
		guessed := windows
		windows = s.learnWindows(request, j.Shard, it)
		if err := ledger.AcceptRefusal(account, ratesOf(it, request)); err != nil {
			return err
		}
		if windows == guessed {
			return errNoRefusal
		}
	}
	return errNoRefusal
}

// countJob returns the step that counts a request, and its job as waiting.
func (s *Store) countJob(request turn.Admission, shard int, windows guess) *types.Update {
	names, values := map[string]string{}, item{":one": num(1), ":none": num(0)}
	counts, within := countRequest(request, windows, names, values)
	return &types.Update{
		TableName: &s.table, Key: shardKey(request.OrgID, shard).item(),
		UpdateExpression: new("SET " + counts + waitingTurns + " = if_not_exists(" + waitingTurns + ", :none) + :one"),
		ConditionExpression: new("(" + waitingTurns + " < " + waitingLimit + " OR attribute_not_exists(" + waitingTurns + ") AND " +
			waitingLimit + " > :none)" + within),
		ExpressionAttributeNames: names, ExpressionAttributeValues: values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
}
