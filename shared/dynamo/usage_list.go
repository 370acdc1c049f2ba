package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/quintet-agents/quintet/shared/ledger"
)

// Usage returns an org's usage in an inclusive range of days.
func (s *Store) Usage(ctx context.Context, orgID, from, to string) ([]ledger.UsageRow, error) {
	var rows []ledger.UsageRow
	for _, month := range monthsOf(from, to) {
		part, err := s.usage(ctx, &dynamodb.QueryInput{
			KeyConditionExpression:    new("pk = :pk"),
			FilterExpression:          new("#day BETWEEN :from AND :to"),
			ExpressionAttributeNames:  map[string]string{"#day": "day"},
			ExpressionAttributeValues: item{":pk": str(usagePK(orgID, month)), ":from": str(from), ":to": str(to)},
		})
		if err != nil {
			return nil, err
		}
		rows = append(rows, part...)
	}
	return rows, nil
}

// AgentUsage returns an agent's usage in an inclusive range of days.
func (s *Store) AgentUsage(ctx context.Context, orgID, agentID, from, to string) ([]ledger.UsageRow, error) {
	var rows []ledger.UsageRow
	for _, month := range monthsOf(from, to) {
		part, err := s.usage(ctx, &dynamodb.QueryInput{
			KeyConditionExpression: new("pk = :pk AND sk BETWEEN :from AND :to"),
			ExpressionAttributeValues: item{
				":pk": str(usagePK(orgID, month)), ":from": str(agentID + "#" + from), ":to": str(agentID + "#" + to + "#~"),
			},
		})
		if err != nil {
			return nil, err
		}
		rows = append(rows, part...)
	}
	return rows, nil
}

func (s *Store) usage(ctx context.Context, q *dynamodb.QueryInput) ([]ledger.UsageRow, error) {
	q.ConsistentRead = new(true)
	return collect(ctx, s, q, everything, usageRow.usage)
}
