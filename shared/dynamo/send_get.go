package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/quintet-agents/quintet/shared/channel"
)

// Send returns the record of a send, nil when there is none or when it has expired.
func (s *Store) Send(ctx context.Context, orgID, id string) (*channel.Send, error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &s.table, Key: sendKey(orgID, id).item(), ConsistentRead: new(true)})
	if err != nil || out.Item == nil || integer(out.Item["expires"]) <= s.now().Unix() {
		return nil, err
	}
	send := sendOf(out.Item)
	return &send, nil
}
