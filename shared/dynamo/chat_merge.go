package dynamo

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/inbox"
)

// mergeChat returns the step that gives a chat to another contact, unless it was handed over or
// back since it was read. Its work goes on.
func (s *Store) mergeChat(c inbox.Chat, contactID string, handOver bool) *types.Update {
	u := &types.Update{
		TableName: &s.table, Key: chatKey(c.Ref).item(), UpdateExpression: new("SET contact_id = :contact"),
		ConditionExpression:       new(ifExists + " AND attribute_not_exists(handed_over)"),
		ExpressionAttributeValues: item{":contact": str(contactID)},
	}
	if c.HandedOver {
		u.ConditionExpression = new("attribute_exists(handed_over)")
	}
	if handOver {
		alsoHandOver(u)
	}
	return u
}

// alsoHandOver adds to an update of a chat that a person answers it. The update's expression ends
// with the list of SET.
func alsoHandOver(u *types.Update) {
	u.UpdateExpression = new(*u.UpdateExpression + ", handed_over = :over")
	u.ExpressionAttributeValues[":over"] = &types.AttributeValueMemberBOOL{Value: true}
}
