package dynamo

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/shared/job"
	"github.com/quintet-agents/quintet/shared/work"
)

// WaitingJobs returns the rows of jobs that have not ended.
func (s *Store) WaitingJobs() work.Rows[job.Ref] {
	return waiting[job.Ref]{s, dueJobs, jobKey, jobOf}
}

// WaitingDeliveries returns the rows of pending deliveries and fan-outs.
func (s *Store) WaitingDeliveries() work.Rows[delivery.Ref] {
	return waiting[delivery.Ref]{s, dueDeliveries, deliveryKey, deliveryOf}
}

// WaitingInbox returns the rows of a vendor's updates that are not filed, of its chats that have
// work, and of its sends without an outcome.
func (s *Store) WaitingInbox(v connection.Vendor) work.Rows[inbox.Ref] {
	keyOf := func(r inbox.Ref) key {
		switch {
		case r.UpdateID != "":
			return receivedKey(r)
		case r.SendID != "":
			return sendKey(r.OrgID, r.SendID)
		}
		return chatKey(r)
	}
	return waiting[inbox.Ref]{s, dueInbox(v), keyOf, inboxOf}
}

// WaitingRuns returns the rows of runs of automations that have not ended.
func (s *Store) WaitingRuns() work.Rows[automation.Ref] {
	return waiting[automation.Ref]{s, dueAutomations, automationRunKey, runOf}
}

// waiting is one partition of the index "due". It can write and read the keys of its rows.
type waiting[R work.Ref] struct {
	store     *Store
	partition string
	keyOf     func(R) key
	refOf     func(key) (R, bool)
}

// Waiting passes the rows that are due by the time until to each, page by page.
func (w waiting[R]) Waiting(ctx context.Context, until time.Time, each func([]work.Due[R]) error) error {
	q := &dynamodb.QueryInput{
		IndexName:                 new("due"),
		KeyConditionExpression:    new("due_pk = :partition AND due <= :until"),
		ExpressionAttributeValues: item{":partition": str(w.partition), ":until": num(until.UnixMilli())},
	}
	for page, err := range w.store.pages(ctx, q) {
		if err != nil {
			return err
		}
		var all []work.Due[R]
		for _, it := range page {
			if ref, ok := w.refOf(key{text(it["pk"]), text(it["sk"])}); ok {
				all = append(all, work.Due[R]{Ref: ref, At: time.UnixMilli(integer(it["due"]))})
			}
		}
		if err := each(all); err != nil {
			return err
		}
	}
	return nil
}

// LookAgain postpones a row whose due time is still that of d.
func (w waiting[R]) LookAgain(ctx context.Context, d work.Due[R], at time.Time) error {
	_, err := w.store.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &w.store.table, Key: w.keyOf(d.Ref).item(),
		UpdateExpression: new("SET due = :at"), ConditionExpression: new("due = :before"),
		ExpressionAttributeValues: item{":at": num(at.UnixMilli()), ":before": num(d.At.UnixMilli())},
	})
	if _, changed := conditionFailed(err); changed {
		return nil
	}
	return err
}
