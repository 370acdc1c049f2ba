package dynamo

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/turn"
)

// runningLife is how long the rows of running turns are kept after their last change. It is longer
// than any turn.
const runningLife = time.Hour

// runningRow is what a running turn has published, and whether it was cancelled. The turn writes
// its progress, others write the cancellation.
type runningRow struct {
	Progress *turnRow `dynamodbav:"progress"`
	At       string   `dynamodbav:"at"` // of the progress
}

// progressItem returns the attribute with a turn's progress. A progress has no texts.
func progressItem(t turn.Turn) (types.AttributeValue, error) {
	row := turnRowOf(t)
	row.PK, row.SK, row.OrgPK, row.OrgSK = "", "", "", ""
	m, err := attributevalue.MarshalMap(row)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"pk", "sk", "user_text", "assistant_text", "settled_at", "place"} {
		delete(m, name)
	}
	return &types.AttributeValueMemberM{Value: m}, nil
}

// cancelledFor reports whether the row of a running turn has a cancellation that the turn obeys: one
// by a caller who may use any agent, or by one who may use the turn's.
func cancelledFor(it item, agentID string) bool {
	return it["cancelled"] != nil || slices.Contains(textSet(it["cancelled_for"]), agentID)
}
