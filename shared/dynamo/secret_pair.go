package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/secret"
)

type secretRow struct {
	PK       string `dynamodbav:"pk"`
	SK       string `dynamodbav:"sk"`
	Current  []byte `dynamodbav:"current"`
	Previous []byte `dynamodbav:"previous,omitempty"`
	Until    string `dynamodbav:"previous_until,omitempty"`
	Version  int    `dynamodbav:"version"`
}

// SecretPair returns the secrets of a name, or a zero pair.
func (s *Store) SecretPair(ctx context.Context, orgID, name string) (secret.Pair, error) {
	var r secretRow
	err := s.get(ctx, secretKey(orgID, name), &r, errAbsent)
	if fault.Is(err, fault.NotFound) {
		return secret.Pair{}, nil
	}
	return secret.Pair{Current: r.Current, Previous: r.Previous, Until: unstamp(r.Until), Version: r.Version}, err
}

func secretRowOf(orgID, name string, p secret.Pair) secretRow {
	at := secretKey(orgID, name)
	row := secretRow{PK: at.pk, SK: at.sk, Current: p.Current, Previous: p.Previous, Version: p.Version}
	if len(p.Previous) > 0 {
		row.Until = stamp(p.Until)
	}
	return row
}

// PutSecretPair replaces the previous version of a pair, and reports whether that version was
// still stored.
func (s *Store) PutSecretPair(ctx context.Context, once *idempotency.Change, orgID, name string, p secret.Pair) (bool, error) {
	step, err := s.put(secretRowOf(orgID, name, p), ifNew)
	if err != nil {
		return false, err
	}
	if p.Version > 1 {
		step.Put.ConditionExpression = new("version = :before")
		step.Put.ExpressionAttributeValues = item{":before": num(p.Version - 1)}
	}
	err = s.commit(ctx, once, nil, []types.TransactWriteItem{step})
	if unmet(err, 0) {
		return false, nil
	}
	return err == nil, err
}
