package dynamo

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/quintet-agents/quintet/shared/event"
)

// Listeners returns the webhooks of an org, newest first, and the triggers of its automations.
// Both are in one partition, so that an org without automations pays nothing for theirs.
func (s *Store) Listeners(ctx context.Context, orgID string) (event.Listeners, error) {
	var all event.Listeners
	q := &dynamodb.QueryInput{
		ConsistentRead: new(true), ScanIndexForward: new(false),
		KeyConditionExpression: new("pk = :pk"), ExpressionAttributeValues: item{":pk": str(webhooksPK(orgID))},
	}
	for page, err := range s.pages(ctx, q) {
		if err != nil {
			return event.Listeners{}, err
		}
		for _, it := range page {
			if !isTrigger(text(it["sk"])) {
				w, err := webhookOf(it)
				if err != nil {
					return event.Listeners{}, err
				}
				all.Webhooks = append(all.Webhooks, w)
				continue
			}
			var row triggerRow
			if err := attributevalue.UnmarshalMap(it, &row); err != nil {
				return event.Listeners{}, err
			}
			all.Triggers = append(all.Triggers, row.trigger())
		}
	}
	return all, nil
}

// triggerRow is the trigger of a published automation that events start.
type triggerRow struct {
	PK           string `dynamodbav:"pk"`
	SK           string `dynamodbav:"sk"`
	OrgID        string `dynamodbav:"org_id"`
	AutomationID string `dynamodbav:"automation_id"`
	Event        string `dynamodbav:"event"`
	AgentID      string `dynamodbav:"agent_id,omitempty"`
	Since        int64  `dynamodbav:"since"` // milliseconds
}

func (r triggerRow) trigger() event.Trigger {
	return event.Trigger{
		OrgID: r.OrgID, AutomationID: r.AutomationID, Event: r.Event, AgentID: r.AgentID, Since: time.UnixMilli(r.Since),
	}
}
