package dynamo

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/work"
)

// ReplayDelivery requeues a delivery regardless of its status, with the attempts of a new one.
// It returns the updated delivery. The error is delivery.ErrUnderWay if a worker has a lease on
// it.
func (s *Store) ReplayDelivery(ctx context.Context, once *idempotency.Change, r delivery.Ref, now time.Time) (delivery.Delivery, error) {
	var row deliveryRow
	err := s.get(ctx, deliveryKey(r), &row, delivery.ErrNoDelivery)
	if err == nil && row.Expires <= now.Unix() {
		err = delivery.ErrNoDelivery
	}
	if err != nil {
		return delivery.Delivery{}, err
	}
	if kept, err := s.keepParts(ctx, r, row.Parts, now); err != nil {
		return delivery.Delivery{}, err
	} else if !kept {
		return delivery.Delivery{}, delivery.ErrNoDelivery
	}
	d := *row.delivery()
	d.Status, d.Made, d.NextAt = delivery.Pending, 0, now
	err = s.commit(ctx, once, d, []types.TransactWriteItem{{Update: s.replay(r, "", now)}})
	if unmet(err, 0) {
		return delivery.Delivery{}, delivery.ErrUnderWay
	}
	return d, err
}

// replay returns the step that makes a delivery pending unless a worker has a lease on it, and
// links it to next unless that is empty.
func (s *Store) replay(r delivery.Ref, next string, now time.Time) *types.Update {
	u := &types.Update{
		TableName: &s.table, Key: deliveryKey(r).item(),
		UpdateExpression: new("REMOVE lease, lease_until " +
			"SET #status = :pending, made = :none, next_at = :now, due_pk = :out, due = :due, expires = :expires"),
		ConditionExpression:      new(ifExists + " AND (attribute_not_exists(lease_until) OR lease_until <= :now)"),
		ExpressionAttributeNames: map[string]string{"#status": "status"},
		ExpressionAttributeValues: item{
			":pending": str(string(delivery.Pending)), ":none": num(0), ":now": num(now.UnixMilli()), ":out": str(dueDeliveries),
			":due": num(now.Add(work.Grace).UnixMilli()), ":expires": num(now.Add(keptFor).Unix()),
		},
	}
	if next != "" {
		*u.UpdateExpression += ", #next = :next"
		u.ExpressionAttributeNames["#next"], u.ExpressionAttributeValues[":next"] = "next", str(next)
	}
	return u
}

// ReplayDeliveries requeues the first deliveries of a range that are not pending. Each is
// linked to the next, so that they keep their order. It begins with the last, so that a linked
// delivery is always stored already. After an interruption it can be repeated, because the
// requeued deliveries are then pending.
func (s *Store) ReplayDeliveries(ctx context.Context, once *idempotency.Change, r delivery.Range, now time.Time) (delivery.Replayed, error) {
	done := delivery.Replayed{Refs: []delivery.Ref{}}
	rows, err := s.ended(ctx, r, now)
	if err != nil {
		return done, err
	}
	if len(rows) > delivery.MaxReplayed {
		done.Rest, rows = unstamp(rows[delivery.MaxReplayed].CreatedAt), rows[:delivery.MaxReplayed]
	}
	next := ""
	for _, row := range slices.Backward(rows) {
		ref := delivery.Ref{OrgID: r.OrgID, Target: r.Target, ID: row.ID}
		replayed, err := s.replayNow(ctx, ref, row.Parts, next, now)
		if err != nil {
			return done, err
		}
		if replayed {
			done.Refs, next = append(done.Refs, ref), ref.ID
		}
	}
	slices.Reverse(done.Refs)
	return done, s.confirm(ctx, once, done)
}

// ended returns the first deliveries of a range that are not pending, up to one more than
// MaxReplayed.
func (s *Store) ended(ctx context.Context, r delivery.Range, now time.Time) ([]deliveryRow, error) {
	q := &dynamodb.QueryInput{
		ConsistentRead:           new(true),
		KeyConditionExpression:   new("pk = :pk AND sk BETWEEN :from AND :to"),
		FilterExpression:         new("#status <> :pending AND expires > :seconds"),
		ProjectionExpression:     new("id, created_at, parts"),
		ExpressionAttributeNames: map[string]string{"#status": "status"},
		ExpressionAttributeValues: item{
			":pk":   str(deliveryKey(delivery.Ref{OrgID: r.OrgID, Target: r.Target}).pk),
			":from": str(delivery.FirstID(r.From)), ":to": str(delivery.FirstID(r.To)),
			":pending": str(string(delivery.Pending)), ":seconds": num(now.Unix()),
		},
	}
	same := func(row deliveryRow) deliveryRow { return row }
	return collect(ctx, s, q, delivery.MaxReplayed+1, same)
}

// keepParts extends the expiry of a body's parts to that of the replayed delivery, and reports
// whether all exist. It runs first, because a pending delivery must have its body.
func (s *Store) keepParts(ctx context.Context, r delivery.Ref, parts int, now time.Time) (bool, error) {
	for i := range parts {
		_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: &s.table, Key: partKey(r, i).item(),
			UpdateExpression: new("SET expires = :expires"), ConditionExpression: new(ifExists),
			ExpressionAttributeValues: item{":expires": num(now.Add(keptFor).Unix())},
		})
		if _, gone := conditionFailed(err); gone {
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
	return true, nil
}

// replayNow requeues a delivery and links it to next, unless that is empty. It reports false if
// a worker has a lease on the delivery.
func (s *Store) replayNow(ctx context.Context, r delivery.Ref, parts int, next string, now time.Time) (bool, error) {
	if kept, err := s.keepParts(ctx, r, parts, now); err != nil || !kept {
		return false, err
	}
	_, err := s.db.UpdateItem(ctx, alone(s.replay(r, next, now)))
	if _, not := conditionFailed(err); not {
		return false, nil
	}
	return err == nil, err
}
