package dynamo

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/shared/work"
)

// ClaimChat takes a lease on a chat until a time. It returns nil if the chat rests, waits for
// a quiet moment or after a failure, or if another worker has the lease.
func (s *Store) ClaimChat(ctx context.Context, r inbox.Ref, lease string, now, until time.Time) (*inbox.Chat, error) {
	return s.changeChat(ctx, r,
		"SET lease = :lease, lease_until = :until, due = :until",
		"attribute_exists(due_pk) AND (attribute_not_exists(lease_until) OR lease_until <= :now OR lease = :lease)"+
			" AND (attribute_not_exists(not_before) OR not_before <= :soon)"+
			" AND (attribute_not_exists(quiet_until) OR quiet_until <= :soon OR attribute_exists(run) OR attribute_exists(outbox))",
		item{
			":lease": str(lease), ":until": num(until.UnixMilli()), ":now": num(now.UnixMilli()), ":soon": num(now.Add(tolerance).UnixMilli()),
		})
}

// KeepChat extends the lease on a chat and returns the chat as it is now; nil if the lease is
// lost.
func (s *Store) KeepChat(ctx context.Context, c inbox.Chat, until time.Time) (*inbox.Chat, error) {
	return s.changeChat(ctx, c.Ref, "SET lease_until = :until, due = :until", ifLeased,
		item{":lease": str(c.Lease), ":until": num(until.UnixMilli())})
}

// RestChat releases the lease on a chat. With the zero time it rests until something is filed,
// unless there is work; then it reports false and changes nothing.
func (s *Store) RestChat(ctx context.Context, c inbox.Chat, again time.Time) (bool, error) {
	if again.IsZero() {
		rested, err := s.changeChat(ctx, c.Ref,
			"REMOVE lease, lease_until, due_pk, due, not_before, tries, quiet_until, first_pending, pending",
			ifLeased+" AND (attribute_not_exists(pending) OR pending <= :none) AND attribute_not_exists(outbox) AND attribute_not_exists(run)",
			item{":lease": str(c.Lease), ":none": num(0)})
		if err != nil || rested != nil {
			return rested != nil, err
		}
		kept, err := s.KeepChat(ctx, c, s.now().Add(inbox.LeaseTime))
		return kept == nil, err // a lost lease leaves nothing to do
	}
	_, err := s.changeChat(ctx, c.Ref, "SET due = :due REMOVE lease, lease_until", ifLeased,
		item{":lease": str(c.Lease), ":due": num(again.Add(work.Grace).UnixMilli())})
	return err == nil, err
}

// FailChat counts a failure of a chat's current step, and releases the lease. Nobody works on
// the chat before the given time.
func (s *Store) FailChat(ctx context.Context, c inbox.Chat, again time.Time) error {
	_, err := s.changeChat(ctx, c.Ref, "SET not_before = :at, due = :due REMOVE lease, lease_until ADD tries :one", ifLeased,
		item{":lease": str(c.Lease), ":at": num(again.UnixMilli()), ":due": num(again.Add(work.Grace).UnixMilli()), ":one": num(1)})
	return err
}

// changeChat updates a chat's row and returns the chat, or nil if the condition is not met.
func (s *Store) changeChat(ctx context.Context, r inbox.Ref, update, condition string, values item) (*inbox.Chat, error) {
	out, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: chatKey(r).item(), UpdateExpression: &update, ConditionExpression: &condition,
		ExpressionAttributeValues: values, ReturnValues: types.ReturnValueAllNew,
	})
	if _, unmet := conditionFailed(err); unmet {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return chatOf(out.Attributes)
}
