package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
)

// RepairUsage replaces a count by the right one. The error is a Conflict if the count has changed
// since it was read. A missing row counts as zero.
func (s *Store) RepairUsage(ctx context.Context, orgID string, of ledger.UsageOf, was, should ledger.Usage) error {
	at := usageKey(orgID, of)
	row, err := attributevalue.MarshalMap(usageRow{
		PK: at.pk, SK: at.sk, Day: of.Day, AgentID: of.AgentID, KeyID: of.KeyID, Channel: of.Channel, Model: of.Model,
		Turns: storedCount(should.Turns), Input: storedCount(should.Input), Output: storedCount(should.Output), Charge: storedCount(should.Charge),
	})
	if err != nil {
		return err
	}
	condition := "turns = :turns AND input_tokens = :input AND output_tokens = :output AND charge = :charge"
	if was == (ledger.Usage{}) {
		condition = ifNew + " OR " + condition
	}
	_, err = s.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &s.table, Item: row, ConditionExpression: &condition,
		ExpressionAttributeValues: item{
			":turns": num(was.Turns), ":input": num(was.Input), ":output": num(was.Output), ":charge": num(was.Charge),
		},
	})
	if _, ok := conditionFailed(err); ok {
		return fault.New(fault.Conflict, "The usage of %s is being counted", of.Day)
	}
	return err
}

// Rollup returns the progress of a day's rollup.
func (s *Store) Rollup(ctx context.Context, day string) (ledger.RollupState, error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &s.table, Key: rollupKey(day).item(), ConsistentRead: new(true)})
	if err != nil {
		return ledger.RollupState{}, err
	}
	done, _ := out.Item["done"].(*types.AttributeValueMemberBOOL)
	return ledger.RollupState{
		After: text(out.Item["after"]), Done: done != nil && done.Value,
		Orgs: int(integer(out.Item["orgs"])), Repaired: int(integer(out.Item["repaired"])),
	}, nil
}

// SaveRollup stores the progress of a day's rollup for some weeks.
func (s *Store) SaveRollup(ctx context.Context, day string, r ledger.RollupState) error {
	row := rollupKey(day).item()
	row["after"], row["done"] = str(r.After), boolean(r.Done)
	row["orgs"], row["repaired"] = num(r.Orgs), num(r.Repaired)
	row["expires"] = num(s.now().AddDate(0, 0, rollupDays).Unix())
	_, err := s.db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &s.table, Item: row})
	return err
}

const rollupDays = 60
