package dynamo

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/ledger"
)

// item is a DynamoDB item.
type item = map[string]types.AttributeValue

// key is a primary key.
type key struct{ pk, sk string }

func (k key) item() item { return item{"pk": str(k.pk), "sk": str(k.sk)} }

// str returns the value of a text.
func str(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

// num returns the value of a whole number.
func num[T ~int | ~int64](n T) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(int64(n), 10)}
}

// boolean returns the value of a boolean.
func boolean(b bool) types.AttributeValue { return &types.AttributeValueMemberBOOL{Value: b} }

// strs returns the value of a list of texts.
func strs(list []string) types.AttributeValue {
	out := &types.AttributeValueMemberL{Value: []types.AttributeValue{}}
	for _, s := range list {
		out.Value = append(out.Value, str(s))
	}
	return out
}

// text reads a text. It returns "" for any other value.
func text(v types.AttributeValue) string {
	if s, ok := v.(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}

// integer reads a whole number. It returns 0 for any other value.
func integer(v types.AttributeValue) int64 {
	if n, ok := v.(*types.AttributeValueMemberN); ok {
		i, err := strconv.ParseInt(n.Value, 10, 64)
		if err == nil {
			return i
		}
	}
	return 0
}

// credits reads an amount of micro-credits. It returns 0 for any other value.
func credits(v types.AttributeValue) ledger.Credits { return ledger.Credits(integer(v)) }

// members returns the content of a map, or nil for any other value.
func members(v types.AttributeValue) item {
	if m, ok := v.(*types.AttributeValueMemberM); ok {
		return m.Value
	}
	return nil
}

// textSet returns the members of a string set, or nil for any other value.
func textSet(v types.AttributeValue) []string {
	if set, ok := v.(*types.AttributeValueMemberSS); ok {
		return set.Value
	}
	return nil
}
