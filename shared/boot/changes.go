package boot

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Row is a record of a table's stream: an item before and after a change. Before is nil for
// a new item, After for a removed one.
type Row struct {
	ID     string // the same at every redelivery of the record
	At     time.Time
	Before map[string]types.AttributeValue
	After  map[string]types.AttributeValue
}

// Follow handles rows in order and returns the number of handled ones. Unhandled rows are
// redelivered.
type Follow = func(ctx context.Context, rows []Row) (done int, err error)

// Changes starts a function that follows a table's changes.
func Changes(maker func(*Deps) Follow) {
	c := FromEnvironment()
	logTo(c)
	lambda.Start(Followed(maker(NewDeps(c))))
}

// Followed adapts follow to a Lambda handler. It reports the first unhandled record. Lambda
// then redelivers that record and all later ones, so the order is kept.
func Followed(follow Follow) func(context.Context, events.DynamoDBEvent) (events.DynamoDBEventResponse, error) {
	return func(ctx context.Context, e events.DynamoDBEvent) (events.DynamoDBEventResponse, error) {
		if deadline, ok := ctx.Deadline(); ok {
			var cancel context.CancelFunc
			ctx, cancel = context.WithDeadline(ctx, deadline.Add(-queueMargin))
			defer cancel()
		}
		rows := make([]Row, 0, len(e.Records))
		for _, r := range e.Records {
			rows = append(rows, Row{
				ID: r.EventID, At: r.Change.ApproximateCreationDateTime.Time, Before: image(r.Change.OldImage), After: image(r.Change.NewImage),
			})
		}
		done, err := followed(ctx, follow, rows)
		if err == nil {
			return events.DynamoDBEventResponse{BatchItemFailures: []events.DynamoDBBatchItemFailure{}}, nil
		}
		number := e.Records[done].Change.SequenceNumber
		slog.ErrorContext(ctx, "record failed", "sequence_number", number, "error", err)
		return events.DynamoDBEventResponse{BatchItemFailures: []events.DynamoDBBatchItemFailure{{ItemIdentifier: number}}}, nil
	}
}

// followed calls follow and converts a panic into an error, with no row handled.
func followed(ctx context.Context, follow Follow, rows []Row) (done int, err error) {
	defer func() {
		if p := recover(); p != nil {
			done, err = 0, fmt.Errorf("panic: %v", p)
		}
	}()
	return follow(ctx, rows)
}

// image converts an item of an event into the SDK's types.
func image(of map[string]events.DynamoDBAttributeValue) map[string]types.AttributeValue {
	if of == nil {
		return nil
	}
	it := make(map[string]types.AttributeValue, len(of))
	for name, value := range of {
		it[name] = attribute(value)
	}
	return it
}

func attribute(v events.DynamoDBAttributeValue) types.AttributeValue {
	switch v.DataType() {
	case events.DataTypeString:
		return &types.AttributeValueMemberS{Value: v.String()}
	case events.DataTypeNumber:
		return &types.AttributeValueMemberN{Value: v.Number()}
	case events.DataTypeBinary:
		return &types.AttributeValueMemberB{Value: v.Binary()}
	case events.DataTypeBoolean:
		return &types.AttributeValueMemberBOOL{Value: v.Boolean()}
	case events.DataTypeMap:
		return &types.AttributeValueMemberM{Value: image(v.Map())}
	case events.DataTypeList:
		list := &types.AttributeValueMemberL{Value: []types.AttributeValue{}}
		for _, element := range v.List() {
			list.Value = append(list.Value, attribute(element))
		}
		return list
	case events.DataTypeStringSet:
		return &types.AttributeValueMemberSS{Value: v.StringSet()}
	case events.DataTypeNumberSet:
		return &types.AttributeValueMemberNS{Value: v.NumberSet()}
	case events.DataTypeBinarySet:
		return &types.AttributeValueMemberBS{Value: v.BinarySet()}
	}
	return &types.AttributeValueMemberNULL{Value: true}
}
