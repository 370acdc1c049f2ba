package flowgent

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/turn"
)

var startedAt = time.Date(2024, time.March, 21, 15, 29, 57, 500e6, time.FixedZone("", 3600))

func TestAnswered(t *testing.T) {
	got, err := wire.Encode(answered(turn.Outcome{
		Before: []turn.Turn{{User: "one", Assistant: ""}},
		Turn: turn.Turn{
			ID: "turn-1", AgentID: "agent-1", ThreadID: "thread-1", Model: "a-model", User: "<two>", Assistant: "2",
			StartedAt: startedAt, SettledAt: startedAt.Add(2500*time.Millisecond + 900*time.Microsecond), Charge: 480,
			Tools: []turn.ToolUse{
				{ID: "call-2", Name: "add", Input: json.RawMessage(`{"a":1}`), Result: "2"},
				{ID: "call-1", Name: "sub", Input: json.RawMessage(`{}`), Result: "out of order", Failed: true},
			},
		},
	}))
	want := `{"statusCode":200,"body":{"agent_id":"agent-1","conversation_history":[` +
		`{"role":"user","content":"one"},{"role":"assistant","content":""},{"role":"user","content":"<two>"},{"role":"assistant","content":"2"}],` +
		`"metadata":{"id":"turn-1","model":"a-model","timestamp":"2024-03-21T14:30:00Z","tool_calls":{` +
		`"call-1":{"name":"sub","arguments":{},"result":"out of order"},"call-2":{"name":"add","arguments":{"a":1},"result":"2"}},` +
		`"execution_time":2500,"used_credits":0.00048,"thread_id":"thread-1"}}}`
	if d := cmp.Diff(want, string(got)); d != "" || err != nil {
		t.Errorf("error %v, envelope (-want +got):\n%s", err, d)
	}
}

func TestAnswered_NoUsage(t *testing.T) {
	got, err := wire.Encode(answered(turn.Outcome{Turn: turn.Turn{User: "hi", StartedAt: startedAt, SettledAt: startedAt.Add(-time.Second)}}))
	want := `{"statusCode":200,"body":{"agent_id":"","conversation_history":[{"role":"user","content":"hi"},{"role":"assistant","content":""}],` +
		`"metadata":{"id":"","model":"","timestamp":"2024-03-21T14:29:56Z","tool_calls":{},"execution_time":0,"used_credits":0,"thread_id":""}}}`
	if d := cmp.Diff(want, string(got)); d != "" || err != nil {
		t.Errorf("error %v, envelope (-want +got):\n%s", err, d)
	}
}

// An answer has the last hundred messages, including its own, and does not change the outcome that it is built
// from.
func TestAnswered_LongThread(t *testing.T) {
	before := make([]turn.Turn, 50, 60)
	for i := range before {
		before[i] = turn.Turn{User: fmt.Sprint("u", i), Assistant: fmt.Sprint("a", i)}
	}
	got := historyOf(turn.Outcome{Before: before, Turn: turn.Turn{User: "now", Assistant: "then"}})
	want := make([]messageShape, 0, maxHistory)
	for i := 1; i < 50; i++ {
		want = append(want, messageShape{model.User, fmt.Sprint("u", i)}, messageShape{model.Assistant, fmt.Sprint("a", i)})
	}
	want = append(want, messageShape{model.User, "now"}, messageShape{model.Assistant, "then"})
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
