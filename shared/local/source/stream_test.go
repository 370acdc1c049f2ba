package source

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/local/filter"
	"github.com/quintet-agents/quintet/shared/local/logs"
	"github.com/quintet-agents/quintet/shared/local/sam"
)

// fakeStream has one shard. Its iterators are positions in the records.
type fakeStream struct {
	records []types.Record
	expire  bool // the next iterator has expired
}

func (s *fakeStream) DescribeStream(context.Context, *dynamodbstreams.DescribeStreamInput, ...func(*dynamodbstreams.Options)) (*dynamodbstreams.DescribeStreamOutput, error) {
	return &dynamodbstreams.DescribeStreamOutput{StreamDescription: &types.StreamDescription{Shards: []types.Shard{{ShardId: aws.String("one")}}}}, nil
}

func (s *fakeStream) GetShardIterator(_ context.Context, in *dynamodbstreams.GetShardIteratorInput, _ ...func(*dynamodbstreams.Options)) (*dynamodbstreams.GetShardIteratorOutput, error) {
	position := 0
	switch in.ShardIteratorType {
	case types.ShardIteratorTypeLatest:
		position = len(s.records)
	case types.ShardIteratorTypeAfterSequenceNumber:
		position, _ = strconv.Atoi(aws.ToString(in.SequenceNumber))
	}
	return &dynamodbstreams.GetShardIteratorOutput{ShardIterator: aws.String(strconv.Itoa(position))}, nil
}

func (s *fakeStream) GetRecords(_ context.Context, in *dynamodbstreams.GetRecordsInput, _ ...func(*dynamodbstreams.Options)) (*dynamodbstreams.GetRecordsOutput, error) {
	if s.expire {
		s.expire = false
		return nil, &types.ExpiredIteratorException{}
	}
	from, err := strconv.Atoi(aws.ToString(in.ShardIterator))
	if err != nil {
		return nil, err
	}
	to := min(len(s.records), from+int(aws.ToInt32(in.Limit)))
	return &dynamodbstreams.GetRecordsOutput{Records: s.records[from:to], NextShardIterator: aws.String(strconv.Itoa(to))}, nil
}

// add appends records with the given event names. Sequence numbers are
// positions, from 1.
func (s *fakeStream) add(names ...string) {
	for _, name := range names {
		s.records = append(s.records, types.Record{
			EventID:   aws.String("e"),
			EventName: types.OperationType(name),
			Dynamodb: &types.StreamRecord{
				SequenceNumber:              aws.String(strconv.Itoa(len(s.records) + 1)),
				ApproximateCreationDateTime: aws.Time(time.Unix(1700000000, 0)),
				Keys:                        map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "p"}},
				NewImage:                    everyType,
			},
		})
	}
}

var everyType = map[string]types.AttributeValue{
	"s":    &types.AttributeValueMemberS{Value: "x"},
	"n":    &types.AttributeValueMemberN{Value: "1.5"},
	"b":    &types.AttributeValueMemberB{Value: []byte{1, 2}},
	"bool": &types.AttributeValueMemberBOOL{Value: true},
	"null": &types.AttributeValueMemberNULL{Value: true},
	"ss":   &types.AttributeValueMemberSS{Value: []string{"a", "b"}},
	"ns":   &types.AttributeValueMemberNS{Value: []string{"1"}},
	"bs":   &types.AttributeValueMemberBS{Value: [][]byte{{3}}},
	"m":    &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"k": &types.AttributeValueMemberS{Value: "v"}}},
	"l":    &types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberN{Value: "2"}}},
}

// streamTest runs a poller over a fake stream, batch by batch.
type streamTest struct {
	*StreamPoller
	stream    *fakeStream
	delivered []string // sequence numbers of each invocation
	answers   []any    // of the next invocations: a string or an error
}

func newStreamTest(t *testing.T, source sam.StreamSource) *streamTest {
	s := &streamTest{stream: &fakeStream{}}
	source.BatchSize = 3
	s.StreamPoller = &StreamPoller{
		StreamSource: source,
		arn:          "arn:stream",
		api:          s.stream,
		log:          logs.New(nil),
		wait:         func(context.Context, time.Duration) {},
		invoke: func(_ context.Context, _ string, payload []byte) ([]byte, error) {
			var event events.DynamoDBEvent
			if err := json.Unmarshal(payload, &event); err != nil {
				t.Fatalf("the event %s: %v", payload, err)
			}
			var numbers []string
			for _, r := range event.Records {
				numbers = append(numbers, r.Change.SequenceNumber)
			}
			s.delivered = append(s.delivered, strings.Join(numbers, " "))
			if len(s.answers) == 0 {
				return nil, nil
			}
			answer := s.answers[0]
			s.answers = s.answers[1:]
			if err, ok := answer.(error); ok {
				return nil, err
			}
			return []byte(answer.(string)), nil
		},
	}
	return s
}

func (s *streamTest) pollTimes(t *testing.T, n int) {
	t.Helper()
	for range n {
		if err := s.poll(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestStreamPoller_Outcomes(t *testing.T) {
	boom := errors.New("boom")
	report := func(number string) string {
		return fmt.Sprintf(`{"batchItemFailures":[{"itemIdentifier":%q}]}`, number)
	}
	inserts, err := filter.Parse([]string{`{"eventName":["INSERT"]}`})
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		source  sam.StreamSource
		answers []any
		want    []string
	}{
		"from the start":    {sam.StreamSource{Start: "TRIM_HORIZON"}, nil, []string{"1 2 3", "4 5"}},
		"from now":          {sam.StreamSource{Start: "LATEST"}, nil, []string{"3 4 5"}},
		"until it works":    {sam.StreamSource{Start: "TRIM_HORIZON"}, []any{boom, boom}, []string{"1 2 3", "1 2 3", "1 2 3", "4 5"}},
		"given up":          {sam.StreamSource{Start: "TRIM_HORIZON", Attempts: 2}, []any{boom, boom}, []string{"1 2 3", "1 2 3", "4 5"}},
		"partial failure":   {sam.StreamSource{Start: "TRIM_HORIZON", ReportFailures: true}, []any{report("2"), report("3")}, []string{"1 2 3", "2 3", "3", "4 5"}},
		"nonsense reported": {sam.StreamSource{Start: "TRIM_HORIZON", ReportFailures: true}, []any{report("9")}, []string{"1 2 3", "1 2 3", "4 5"}},
		"filtered":          {sam.StreamSource{Start: "TRIM_HORIZON", Filter: inserts}, nil, []string{"1 3", "5"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStreamTest(t, test.source)
			s.answers = test.answers
			s.stream.add("INSERT", "MODIFY")
			if err := s.Prepare(t.Context()); err != nil {
				t.Fatal(err)
			}
			s.stream.add("INSERT", "REMOVE", "INSERT")
			s.pollTimes(t, 3)
			if diff := cmp.Diff(test.want, s.delivered); diff != "" {
				t.Errorf("delivered (-want +got):\n%s", diff)
			}
		})
	}
}

// One poll reads any number of records, in batches of the source's size.
func TestStreamPoller_ReadsToEnd(t *testing.T) {
	s := newStreamTest(t, sam.StreamSource{Start: "TRIM_HORIZON"})
	s.BatchSize = 100
	s.stream.add(slices.Repeat([]string{"INSERT"}, maxRecords+150)...)
	if err := s.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.pollTimes(t, 1)
	if got, want := len(s.delivered), 12; got != want {
		t.Errorf("got %d batches in one poll, want %d", got, want)
	}
}

func TestStreamPoller_ExpiredIterator(t *testing.T) {
	s := newStreamTest(t, sam.StreamSource{Start: "TRIM_HORIZON"})
	s.stream.add("INSERT", "INSERT")
	if err := s.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.pollTimes(t, 1)
	s.stream.expire = true
	s.stream.add("INSERT")
	s.pollTimes(t, 2)
	if diff := cmp.Diff([]string{"1 2", "3"}, s.delivered); diff != "" {
		t.Errorf("delivered (-want +got):\n%s", diff)
	}
}

func TestStreamRecord_Shape(t *testing.T) {
	s := newStreamTest(t, sam.StreamSource{})
	s.stream.add("INSERT")
	text, err := json.Marshal(s.record(s.stream.records[0]))
	if err != nil {
		t.Fatal(err)
	}
	var record events.DynamoDBEventRecord
	if err := json.Unmarshal(text, &record); err != nil {
		t.Fatal(err)
	}
	image := record.Change.NewImage
	if len(image) != len(everyType) || image["n"].Number() != "1.5" || string(image["b"].Binary()) != "\x01\x02" || !image["null"].IsNull() ||
		image["m"].Map()["k"].String() != "v" || image["l"].List()[0].Number() != "2" || len(image["ss"].StringSet()) != 2 || len(image["bs"].BinarySet()) != 1 {
		t.Errorf("got image %s, want a value of each of the %d types", text, len(everyType))
	}
	if record.EventName != "INSERT" || record.EventSourceArn != "arn:stream" || record.Change.ApproximateCreationDateTime.Unix() != 1700000000 {
		t.Errorf("got record %s, want INSERT of arn:stream at 1700000000", text)
	}
}
