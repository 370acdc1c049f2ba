package boot_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/quintet-agents/quintet/shared/boot"
)

const twoRecords = `{"Records":[
	{"eventID":"1","eventName":"INSERT","dynamodb":{"ApproximateCreationDateTime":1767225600,"SequenceNumber":"11","NewImage":{
		"s":{"S":"x"},"n":{"N":"1.5"},"b":{"B":"AQI="},"t":{"BOOL":true},"z":{"NULL":true},
		"m":{"M":{"l":{"L":[{"S":"y"},{"N":"2"}]}}},"ss":{"SS":["a"]},"ns":{"NS":["1"]},"bs":{"BS":["AQI="]}}}},
	{"eventID":"2","eventName":"REMOVE","dynamodb":{"SequenceNumber":"22","OldImage":{"s":{"S":"x"}}}}]}`

func follow(t *testing.T, ctx context.Context, f boot.Follow) []string {
	t.Helper()
	var e events.DynamoDBEvent
	if err := json.Unmarshal([]byte(twoRecords), &e); err != nil {
		t.Fatal(err)
	}
	res, err := boot.Followed(f)(ctx, e)
	if err != nil || res.BatchItemFailures == nil {
		t.Errorf("got %v, %v; want a list of failures", res, err)
	}
	var failed []string
	for _, f := range res.BatchItemFailures {
		failed = append(failed, f.ItemIdentifier)
	}
	return failed
}

func TestFollowed_SDKTypes(t *testing.T) {
	var got []boot.Row
	failed := follow(t, t.Context(), func(_ context.Context, rows []boot.Row) (int, error) {
		got = rows
		return len(rows), nil
	})
	want := []boot.Row{
		{ID: "1", At: time.Unix(1767225600, 0), After: map[string]types.AttributeValue{
			"s": &types.AttributeValueMemberS{Value: "x"}, "n": &types.AttributeValueMemberN{Value: "1.5"},
			"b": &types.AttributeValueMemberB{Value: []byte{1, 2}}, "t": &types.AttributeValueMemberBOOL{Value: true},
			"z": &types.AttributeValueMemberNULL{Value: true},
			"m": &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"l": &types.AttributeValueMemberL{Value: []types.AttributeValue{
				&types.AttributeValueMemberS{Value: "y"}, &types.AttributeValueMemberN{Value: "2"},
			}}}},
			"ss": &types.AttributeValueMemberSS{Value: []string{"a"}}, "ns": &types.AttributeValueMemberNS{Value: []string{"1"}},
			"bs": &types.AttributeValueMemberBS{Value: [][]byte{{1, 2}}},
		}},
		{ID: "2", Before: map[string]types.AttributeValue{"s": &types.AttributeValueMemberS{Value: "x"}}},
	}
	hidden := cmpopts.IgnoreUnexported(types.AttributeValueMemberS{}, types.AttributeValueMemberN{}, types.AttributeValueMemberB{},
		types.AttributeValueMemberBOOL{}, types.AttributeValueMemberNULL{}, types.AttributeValueMemberM{}, types.AttributeValueMemberL{},
		types.AttributeValueMemberSS{}, types.AttributeValueMemberNS{}, types.AttributeValueMemberBS{})
	if d := cmp.Diff(want, got, hidden); d != "" || failed != nil {
		t.Errorf("%q failed (-want +got):\n%s", failed, d)
	}
}

// The first unhandled record is reported, so that no earlier one is redelivered and no later
// one is lost.
func TestFollowed_Failures(t *testing.T) {
	for name, c := range map[string]struct {
		follow boot.Follow
		want   []string
	}{
		"the second": {func(context.Context, []boot.Row) (int, error) { return 1, errors.New("no") }, []string{"22"}},
		"the first":  {func(context.Context, []boot.Row) (int, error) { return 0, errors.New("no") }, []string{"11"}},
		"a panic":    {func(context.Context, []boot.Row) (int, error) { panic("no") }, []string{"11"}},
	} {
		if d := cmp.Diff(c.want, follow(t, t.Context(), c.follow)); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

// Records that are not handled in time are left to the next run, and reported before the
// deadline.
func TestFollowed_Deadline(t *testing.T) {
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(2*time.Second+50*time.Millisecond))
	defer cancel()
	got := follow(t, ctx, func(ctx context.Context, _ []boot.Row) (int, error) {
		<-ctx.Done()
		return 1, ctx.Err()
	})
	if d := cmp.Diff([]string{"22"}, got); d != "" || ctx.Err() != nil {
		t.Errorf("%v (-want +got):\n%s", ctx.Err(), d)
	}
}
