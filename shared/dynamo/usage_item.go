package dynamo

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/turn"
)

type usageRow struct {
	PK      string `dynamodbav:"pk"`
	SK      string `dynamodbav:"sk"`
	Day     string `dynamodbav:"day"`
	AgentID string `dynamodbav:"agent_id"`
	KeyID   string `dynamodbav:"key_id"`
	Channel string `dynamodbav:"channel"`
	Model   string `dynamodbav:"model"`
	Turns   int    `dynamodbav:"turns"`
	Input   int    `dynamodbav:"input_tokens"`
	Output  int    `dynamodbav:"output_tokens"`
	Charge  int64  `dynamodbav:"charge"` // micro-credits
}

func (r usageRow) usage() ledger.UsageRow {
	return ledger.UsageRow{
		UsageOf: ledger.UsageOf{Day: r.Day, AgentID: r.AgentID, KeyID: r.KeyID, Channel: r.Channel, Model: r.Model},
		Usage:   ledger.Usage{Turns: r.Turns, Input: r.Input, Output: r.Output, Charge: ledger.Credits(r.Charge)},
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
