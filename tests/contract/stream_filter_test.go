package contract_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/dynamo"
)

// maxFilters is Lambda's default quota of the filters of an event source.
const maxFilters = 5

// Of all the changes of a run's rows, the stream's filter selects those that cause an event.
func TestStreamFilter_Runs(t *testing.T) {
	t.Parallel()
	sources := template(t).StreamSources()
	if len(sources) != 1 || len(sources[0].Filter) > maxFilters {
		t.Fatalf("got %d streams, the first with %d filters, want one with at most %d", len(sources), len(sources[0].Filter), maxFilters)
	}
	w := newWorld(t)
	a := w.runAutomation(t, w.org)
	rows := func() map[string]map[string]types.AttributeValue {
		all := map[string]map[string]types.AttributeValue{}
		for _, it := range w.Items(t) {
			if pk := keyOf(it, "pk"); strings.Contains(pk, a.ID) || strings.Contains(pk, "#RUN#") {
				all[pk+" "+keyOf(it, "sk")] = it
			}
		}
		return all
	}
	// passing does something, and returns how many records pass, and how many cause an event.
	passing := func(do func()) (pass, events int) {
		before := rows()
		do()
		for at, it := range rows() {
			name := "INSERT"
			if was, ok := before[at]; ok {
				name = "MODIFY"
				if reflect.DeepEqual(was, it) {
					continue
				}
			}
			if sources[0].Filter.Matches(encodeRecord(t, name, it)) {
				pass++
			}
			c, err := dynamo.ReadChange(before[at], it)
			if err != nil {
				t.Fatal(err)
			}
			events += len(c.Happening().Events)
		}
		return pass, events
	}
	for _, state := range []automation.State{automation.Completed, automation.Failed, automation.Cancelled} {
		var r automation.Run
		var claimed *automation.Run
		want := 0
		if state != automation.Cancelled {
			want = 1
		}
		for _, step := range []struct {
			name string
			do   func()
			want int
		}{
			{"start", func() { r = w.startRun(t, a) }, 0},
			{"claim", func() {
				var err error
				if claimed, err = w.Store.ClaimRun(t.Context(), r.Ref, "lease", w.Now(), w.Now().Add(time.Minute)); err != nil || claimed == nil {
					t.Fatal(claimed, err)
				}
			}, 0},
			{"step", func() {
				if _, err := w.Store.KeepStep(t.Context(), *claimed, automation.Execution{Path: "each", State: automation.StepBegun, BegunAt: w.Now()}); err != nil {
					t.Fatal(err)
				}
			}, 0},
			{"end", func() {
				if _, err := w.Store.EndRun(t.Context(), *claimed, state, nil, w.Now()); err != nil {
					t.Fatal(err)
				}
			}, want},
		} {
			pass, events := passing(step.do)
			if pass != step.want || events != step.want {
				t.Errorf("%s, %s: got %d records through the filter and %d events, want %d", state, step.name, pass, events, step.want)
			}
		}
		again, err := w.Store.Run(t.Context(), r.Ref)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Store.RerunRun(t.Context(), nil, again, "each", w.Now()); err != nil { // its row passes no more
			t.Fatal(err)
		}
	}
}

func keyOf(it map[string]types.AttributeValue, name string) string {
	s, _ := it[name].(*types.AttributeValueMemberS)
	return s.Value
}

// encodeRecord returns a record as an event source sees it.
func encodeRecord(t *testing.T, name string, it map[string]types.AttributeValue) []byte {
	t.Helper()
	typed := map[string]any{}
	for field, value := range it {
		switch v := value.(type) {
		case *types.AttributeValueMemberS:
			typed[field] = map[string]string{"S": v.Value}
		case *types.AttributeValueMemberBOOL:
			typed[field] = map[string]bool{"BOOL": v.Value}
		default: // no filter asks for it
			var plain any
			if err := attributevalue.Unmarshal(value, &plain); err != nil {
				t.Fatal(err)
			}
			typed[field] = map[string]any{"M": plain}
		}
	}
	encoded, err := json.Marshal(map[string]any{"eventName": name, "dynamodb": map[string]any{
		"Keys": map[string]any{"pk": typed["pk"], "sk": typed["sk"]}, "NewImage": typed,
	}})
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}
