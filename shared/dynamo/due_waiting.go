package dynamo

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/quintet-agents/quintet/shared/delivery"
)

// Waiting passes the jobs and deliveries that are due by a time on, page by
// page.
func (s *Store) Waiting(ctx context.Context, until time.Time, each func([]delivery.Waiting) error) error {
	q := &dynamodb.QueryInput{
		IndexName:                 new("due"),
		KeyConditionExpression:    new("due_pk = :out AND due <= :until"),
		ExpressionAttributeValues: item{":out": str(dueOut), ":until": num(until.UnixMilli())},
	}
	for page, err := range s.pages(ctx, q) {
		if err != nil {
			return err
		}
		var all []delivery.Waiting
		for _, it := range page {
			w := delivery.Waiting{Due: time.UnixMilli(integer(it["due"]))}
			at := key{text(it["pk"]), text(it["sk"])}
			if job, ok := jobOf(at); ok {
				w.Job = job
			} else if d, ok := deliveryOf(at); ok {
				w.Delivery = d
			} else {
				continue
			}
			all = append(all, w)
		}
		if err := each(all); err != nil {
			return err
		}
	}
	return nil
}

// LookAgain puts off when something is due that still waits, unless that has
// changed meanwhile.
func (s *Store) LookAgain(ctx context.Context, w delivery.Waiting, at time.Time) error {
	k := deliveryKey(w.Delivery)
	if w.Job.ID != "" {
		k = jobKey(w.Job)
	}
	_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: k.item(),
		UpdateExpression: new("SET due = :at"), ConditionExpression: new("due = :before"),
		ExpressionAttributeValues: item{":at": num(at.UnixMilli()), ":before": num(w.Due.UnixMilli())},
	})
	if _, changed := conditionFailed(err); changed {
		return nil
	}
	return err
}
