package dynamo

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/turn"
)

// A turn's item can be stored with any tool calls of a model: with the longest texts, it has at most 400 KB.
func TestTurnRow_FitsItsItem(t *testing.T) {
	long := func(size int) string { return strings.Repeat("é", size/2) }
	use := func(size int) turn.ToolUse {
		return turn.ToolUse{ID: long(size), Name: long(size), Input: json.RawMessage(`{"a":"` + long(size) + `"}`), Result: long(size), Failed: true}
	}
	for name, tools := range map[string][]turn.ToolUse{
		"none":         nil,
		"one long":     {use(500_000)},
		"128":          repeat(use(1000), 128),
		"1,024":        repeat(use(70_000), 1024),
		"20,000 short": repeat(use(10), 20_000),
		"20,000 blank": repeat(turn.ToolUse{Input: json.RawMessage("{}")}, 20_000),
	} {
		t.Run(name, func(t *testing.T) {
			row := turnRowOf(turn.Turn{
				OrgID: long(36), ThreadID: long(128), AgentID: long(36), VersionID: long(36), KeyID: long(36), Channel: long(40), Model: long(256),
				User: long(turn.MaxText), Assistant: long(192 << 10), Tools: tools,
			})
			item, err := attributevalue.MarshalMap(row)
			if err != nil {
				t.Fatal(err)
			}
			const limit = 400_000 // DynamoDB says KB
			if got := itemSize(item); got > limit {
				t.Errorf("got an item of %d bytes, want at most %d", got, limit)
			}
			if got, want := len(row.Tools), min(len(tools), storedUses); got != want {
				t.Errorf("got %d uses, want %d", got, want)
			}
		})
	}
}

func repeat(u turn.ToolUse, times int) []turn.ToolUse {
	all := make([]turn.ToolUse, times)
	for i := range all {
		all[i] = u
	}
	return all
}

// itemSize returns the size of an item by DynamoDB's rules: names and texts in UTF-8, 3 bytes for each list or
// map and 1 for each of their elements, and numbers by their digits.
func itemSize(item map[string]types.AttributeValue) int {
	size := 0
	for name, v := range item {
		size += len(name) + valueSize(v)
	}
	return size
}

func valueSize(v types.AttributeValue) int {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return len(v.Value)
	case *types.AttributeValueMemberN:
		return len(v.Value)/2 + 2
	case *types.AttributeValueMemberL:
		size := 3
		for _, e := range v.Value {
			size += 1 + valueSize(e)
		}
		return size
	case *types.AttributeValueMemberM:
		return 3 + len(v.Value) + itemSize(v.Value)
	default:
		return 1
	}
}
