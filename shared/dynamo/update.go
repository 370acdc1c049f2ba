package dynamo

import (
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// patch is an update whose changes depend on the request. A fixed update is a text in the code
// that needs it.
type patch struct {
	changes   expression.UpdateBuilder
	condition expression.ConditionBuilder
}

// set adds the setting of an attribute.
func (p *patch) set(name string, value types.AttributeValue) {
	p.changes = p.changes.Set(attribute(name), expression.Value(value))
}

// remove adds the removal of attributes.
func (p *patch) remove(names ...string) {
	for _, name := range names {
		p.changes = p.changes.Remove(attribute(name))
	}
}

// must adds a condition on the item.
func (p *patch) must(condition expression.ConditionBuilder) {
	if p.condition.IsSet() {
		condition = p.condition.And(condition)
	}
	p.condition = condition
}

// attribute returns the name of an attribute. A dot is part of the name.
func attribute(name string) expression.NameBuilder { return expression.NameNoDotSplit(name) }

// absent returns the condition that an attribute does not exist.
func absent(name string) expression.ConditionBuilder {
	return expression.AttributeNotExists(attribute(name))
}

// equal returns the condition that an attribute has a value.
func equal(name string, value types.AttributeValue) expression.ConditionBuilder {
	return attribute(name).Equal(expression.Value(value))
}

// below returns the condition that an attribute exists and is less than a value.
func below(name string, value types.AttributeValue) expression.ConditionBuilder {
	return attribute(name).LessThan(expression.Value(value))
}

// exists returns the condition that the item exists.
func exists() expression.ConditionBuilder { return expression.AttributeExists(attribute("pk")) }

// update returns the transaction step that applies a patch to an item.
func (s *Store) update(at key, p patch) (*types.Update, error) {
	e, err := expression.NewBuilder().WithUpdate(p.changes).WithCondition(p.condition).Build()
	if err != nil {
		return nil, err
	}
	return &types.Update{
		TableName: &s.table, Key: at.item(), UpdateExpression: e.Update(), ConditionExpression: e.Condition(),
		ExpressionAttributeNames: e.Names(), ExpressionAttributeValues: e.Values(),
	}, nil
}

// alone returns the request that makes the step of a transaction a write of its own.
func alone(u *types.Update) *dynamodb.UpdateItemInput {
	return &dynamodb.UpdateItemInput{
		TableName: u.TableName, Key: u.Key, UpdateExpression: u.UpdateExpression, ConditionExpression: u.ConditionExpression,
		ExpressionAttributeNames: u.ExpressionAttributeNames, ExpressionAttributeValues: u.ExpressionAttributeValues,
	}
}
