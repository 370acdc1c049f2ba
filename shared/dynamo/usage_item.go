package dynamo

import (
	"fmt"
	"math/big"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/turn"
)

type usageRow struct {
	PK      string      `dynamodbav:"pk"`
	SK      string      `dynamodbav:"sk"`
	Day     string      `dynamodbav:"day"`
	AgentID string      `dynamodbav:"agent_id"`
	KeyID   string      `dynamodbav:"key_id"`
	Channel string      `dynamodbav:"channel"`
	Model   string      `dynamodbav:"model"`
	Turns   storedCount `dynamodbav:"turns"`
	Input   storedCount `dynamodbav:"input_tokens"`
	Output  storedCount `dynamodbav:"output_tokens"`
	Charge  storedCount `dynamodbav:"charge"` // micro-credits
}

// storedCount is a sum in the table, whose numbers have up to 38 digits. A number beyond int64 is
// read as the largest or smallest int64, so that one absurd number does not make a whole row
// unreadable.
type storedCount int64

// UnmarshalDynamoDBAttributeValue reads a number.
func (c *storedCount) UnmarshalDynamoDBAttributeValue(v types.AttributeValue) error {
	n, ok := v.(*types.AttributeValueMemberN)
	if !ok {
		return nil
	}
	if whole, err := strconv.ParseInt(n.Value, 10, 64); err == nil {
		*c = storedCount(whole)
		return nil
	}
	f, _, err := big.ParseFloat(n.Value, 10, 128, big.ToZero)
	if err != nil {
		return fmt.Errorf("%q is no number: %w", n.Value, err)
	}
	whole, _ := f.Int64() // the nearest int64
	*c = storedCount(whole)
	return nil
}

func (r usageRow) usage() ledger.UsageRow {
	return ledger.UsageRow{
		UsageOf: ledger.UsageOf{Day: r.Day, AgentID: r.AgentID, KeyID: r.KeyID, Channel: r.Channel, Model: r.Model},
		Usage:   ledger.Usage{Turns: int(r.Turns), Input: int(r.Input), Output: int(r.Output), Charge: ledger.Credits(r.Charge)},
	}
}

// countUsage returns the step that counts a settled turn.
func (s *Store) countUsage(t turn.Turn) *types.Update {
	of := ledger.UsageOf{Day: ledger.Day(t.SettledAt), AgentID: t.AgentID, KeyID: t.KeyID, Channel: t.Channel, Model: t.Model}
	return &types.Update{
		TableName: &s.table, Key: usageKey(t.OrgID, of).item(),
		UpdateExpression: new("SET #day = :day, agent_id = :agent, key_id = :key, channel = :channel, model = :model " +
			"ADD charge :charge, turns :one, input_tokens :input, output_tokens :output"),
		ExpressionAttributeNames: map[string]string{"#day": "day"},
		ExpressionAttributeValues: item{
			":day": str(of.Day), ":agent": str(of.AgentID), ":key": str(of.KeyID), ":channel": str(of.Channel), ":model": str(of.Model),
			":charge": num(t.Charge), ":one": num(1), ":input": num(t.Usage.Input), ":output": num(t.Usage.Output),
		},
	}
}
