package dynamo

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/job"
)

// ClaimJob takes a lease on a job until a time. It returns nil if the job has ended or is
// postponed, or if another worker has a lease on it.
func (s *Store) ClaimJob(ctx context.Context, r job.Ref, lease string, now, until time.Time) (*job.Job, error) {
	out, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: jobKey(r).item(),
		UpdateExpression: new("SET lease = :lease, lease_until = :until, due = :until ADD runs :one"),
		// The caller's own lease means that an SDK attempt succeeded and its response was
		// lost. A second message of a postponed job has no effect.
		ConditionExpression: new("attribute_exists(due_pk) AND (attribute_not_exists(lease_until) OR lease_until <= :now OR lease = :lease) " +
			"AND (attribute_not_exists(not_before) OR not_before <= :soon)"),
		ExpressionAttributeValues: item{
			":lease": str(lease), ":until": num(until.UnixMilli()), ":now": num(now.UnixMilli()), ":one": num(1),
			":soon": num(now.Add(tolerance).UnixMilli()),
		},
		ReturnValues: types.ReturnValueAllNew,
	})
	if _, taken := conditionFailed(err); taken {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var row jobRow
	if err := attributevalue.UnmarshalMap(out.Attributes, &row); err != nil {
		return nil, err
	}
	return row.job(), nil
}

// ExtendJob extends the lease on a job, and reports whether the caller still has it.
func (s *Store) ExtendJob(ctx context.Context, j job.Job, until time.Time) (bool, error) {
	return s.leaseJob(ctx, j, "SET lease_until = :at, due = :at", until)
}

// PutOffJob releases the lease on a job and postpones the job to a time. It takes back the
// count of the current run.
func (s *Store) PutOffJob(ctx context.Context, j job.Job, at time.Time) error {
	_, err := s.leaseJob(ctx, j, "SET due = :at, not_before = :at, runs = runs - :one REMOVE lease, lease_until", at)
	return err
}

func (s *Store) leaseJob(ctx context.Context, j job.Job, update string, at time.Time) (bool, error) {
	values := item{":lease": str(j.Lease), ":at": num(at.UnixMilli())}
	if strings.Contains(update, ":one") {
		values[":one"] = num(1)
	}
	_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: jobKey(j.Ref).item(),
		UpdateExpression: &update, ConditionExpression: new(ifLeased),
		ExpressionAttributeValues: values,
	})
	if _, lost := conditionFailed(err); lost {
		return false, nil
	}
	return err == nil, err
}

const ifLeased = "lease = :lease"
