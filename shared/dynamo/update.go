package dynamo

import (
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// patch is an update whose changes depend on what is asked for. An update that is
// always the same is written as text where it is made.
type patch struct {
	changes   expression.UpdateBuilder
	condition expression.ConditionBuilder
}

// set has the update set an attribute.
func (p *patch) set(name string, value types.AttributeValue) {
	p.changes = p.changes.Set(attribute(name), expression.Value(value))
}

// remove has the update remove attributes.
func (p *patch) remove(names ...string) {
	for _, name := range names {
		p.changes = p.changes.Remove(attribute(name))
	}
}

// must adds a condition to those that the item has to meet.
func (p *patch) must(condition expression.ConditionBuilder) {
	if p.condition.IsSet() {
		condition = p.condition.And(condition)
	}
	p.condition = condition
}

// attribute names a whole attribute: a dot is a part of the name.
func attribute(name string) expression.NameBuilder { return expression.NameNoDotSplit(name) }

// absent is the condition that an attribute does not exist.
func absent(name string) expression.ConditionBuilder {
	return expression.AttributeNotExists(attribute(name))
}

// equal is the condition that an attribute has a value.
func equal(name string, value types.AttributeValue) expression.ConditionBuilder {
	return attribute(name).Equal(expression.Value(value))
}

// below is the condition that an attribute exists and is less than a value.
func below(name string, value types.AttributeValue) expression.ConditionBuilder {
	return attribute(name).LessThan(expression.Value(value))
}

// exists is the condition that there is an item.
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
