package source

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"github.com/quintet-agents/quintet/shared/local/arn"
)

// streamBatch is a batch of records, with their JSON form in the event.
type streamBatch struct {
	records []types.Record
	encoded []json.RawMessage
}

// batch encodes the records that pass the filter.
func (p *StreamPoller) batch(records []types.Record) (streamBatch, error) {
	var b streamBatch
	for _, r := range records {
		encoded, err := json.Marshal(p.record(r))
		if err != nil {
			return streamBatch{records: records}, fmt.Errorf("encode a record: %w", err)
		}
		if p.Filter.Matches(encoded) {
			b.records = append(b.records, r)
			b.encoded = append(b.encoded, encoded)
		}
	}
	return b, nil
}

// deliver returns the rest of a batch that must be retried: the whole batch if the function
// failed, or the records from the first failed item on.
func (p *StreamPoller) deliver(ctx context.Context, b streamBatch) (streamBatch, error) {
	payload, err := json.Marshal(map[string]any{"Records": b.encoded})
	if err != nil {
		return b, fmt.Errorf("encode the event: %w", err)
	}
	answer, err := p.invoke(ctx, p.Function, payload)
	if err != nil {
		return b, err
	}
	if !p.ReportFailures {
		return streamBatch{}, nil
	}
	known := map[string]bool{}
	for _, r := range b.records {
		known[aws.ToString(r.Dynamodb.SequenceNumber)] = true
	}
	failed, err := failedItems(answer, known)
	if err != nil {
		return b, err
	}
	for i, r := range b.records {
		if failed[aws.ToString(r.Dynamodb.SequenceNumber)] {
			return streamBatch{records: b.records[i:]}, errors.New("it reported failed items")
		}
	}
	return streamBatch{}, nil
}

// record returns a stream record in the form of Lambda's event.
func (p *StreamPoller) record(r types.Record) map[string]any {
	change := map[string]any{
		"Keys":           attributes(r.Dynamodb.Keys),
		"SequenceNumber": aws.ToString(r.Dynamodb.SequenceNumber),
		"SizeBytes":      aws.ToInt64(r.Dynamodb.SizeBytes),
		"StreamViewType": string(r.Dynamodb.StreamViewType),
	}
	if r.Dynamodb.NewImage != nil {
		change["NewImage"] = attributes(r.Dynamodb.NewImage)
	}
	if r.Dynamodb.OldImage != nil {
		change["OldImage"] = attributes(r.Dynamodb.OldImage)
	}
	if at := r.Dynamodb.ApproximateCreationDateTime; at != nil {
		change["ApproximateCreationDateTime"] = at.Unix()
	}
	record := map[string]any{
		"awsRegion":      arn.Region,
		"dynamodb":       change,
		"eventID":        aws.ToString(r.EventID),
		"eventName":      string(r.EventName),
		"eventSource":    "aws:dynamodb",
		"eventSourceARN": p.arn,
		"eventVersion":   aws.ToString(r.EventVersion),
	}
	if id := r.UserIdentity; id != nil { // a deletion by TTL
		record["userIdentity"] = map[string]string{"type": aws.ToString(id.Type), "principalId": aws.ToString(id.PrincipalId)}
	}
	return record
}

func attributes(in map[string]types.AttributeValue) map[string]any {
	out := make(map[string]any, len(in))
	for name, value := range in {
		out[name] = attributeJSON(value)
	}
	return out
}

// attributeJSON returns a value in DynamoDB's JSON. Byte slices become base64.
func attributeJSON(value types.AttributeValue) map[string]any {
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		return map[string]any{"S": v.Value}
	case *types.AttributeValueMemberN:
		return map[string]any{"N": v.Value}
	case *types.AttributeValueMemberB:
		return map[string]any{"B": v.Value}
	case *types.AttributeValueMemberBOOL:
		return map[string]any{"BOOL": v.Value}
	case *types.AttributeValueMemberNULL:
		return map[string]any{"NULL": v.Value}
	case *types.AttributeValueMemberSS:
		return map[string]any{"SS": v.Value}
	case *types.AttributeValueMemberNS:
		return map[string]any{"NS": v.Value}
	case *types.AttributeValueMemberBS:
		return map[string]any{"BS": v.Value}
	case *types.AttributeValueMemberM:
		return map[string]any{"M": attributes(v.Value)}
	case *types.AttributeValueMemberL:
		list := make([]any, len(v.Value))
		for i, item := range v.Value {
			list[i] = attributeJSON(item)
		}
		return map[string]any{"L": list}
	}
	return nil
}
