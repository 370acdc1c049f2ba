package turn_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
)

// rounds is a model that calls tools in each round, and then answers.
type rounds struct {
	calls [][]model.ToolCall
	stop  model.Stop
	got   []model.ToolResult // results of all rounds, in order
	next  int
}

func (r *rounds) Converse(ctx context.Context, req model.Request) (reply model.Reply, err error) {
	for event := range r.Stream(ctx, req) {
		switch event := event.(type) {
		case model.TextDelta:
			reply.Text += string(event)
		case model.ToolCall:
			reply.ToolCalls = append(reply.ToolCalls, event)
		case model.Finished:
			reply.Stop = event.Stop
		}
	}
	return reply, nil
}

func (r *rounds) Stream(_ context.Context, req model.Request) iter.Seq2[model.Event, error] {
	r.got = append(r.got, req.Messages[len(req.Messages)-1].ToolResults...)
	round := r.next
	r.next++
	return func(yield func(model.Event, error) bool) {
		if !yield(model.Opened{}, nil) {
			return
		}
		if round >= len(r.calls) {
			_ = yield(model.TextDelta("done"), nil) && yield(model.Finished{Stop: model.StopEnd}, nil)
			return
		}
		for _, c := range r.calls[round] {
			if !yield(c, nil) {
				return
			}
		}
		yield(model.Finished{Stop: r.stop}, nil)
	}
}

// counted is a toolbox that counts its calls; broken ones fail.
type counted struct{ made []string }

func (*counted) Tools(context.Context, agent.Live) ([]model.Tool, error) {
	return []model.Tool{{Name: "add"}, {Name: "broken"}}, nil
}

func (c *counted) Call(_ context.Context, _ agent.Live, turnID string, call model.ToolCall) (string, error) {
	if turnID == "" {
		return "", fmt.Errorf("no id of the turn")
	}
	c.made = append(c.made, call.Name+string(call.Input))
	if call.Name == "broken" {
		return "", fault.New(fault.Conflict, "failure %d", len(c.made))
	}
	return fmt.Sprintf("result %d", len(c.made)), nil
}

func toolCall(name, input string) model.ToolCall {
	return model.ToolCall{ID: "1", Name: name, Input: json.RawMessage(input)}
}

// A call that has succeeded in the turn gets its result again, and one that has failed three
// times is not made again. Other arguments are another call.
func TestTools_RepeatedCalls(t *testing.T) {
	for _, whole := range []bool{false, true} {
		r := newRig(t, ledger.Credit)
		add, broken := toolCall("add", `{"a":1,"b":[2.50]}`), toolCall("broken", `{}`)
		m := &rounds{stop: model.StopTools, calls: [][]model.ToolCall{
			{add, broken}, {toolCall("add", `{ "b":[2.50], "a":1}`), broken}, {toolCall("add", `{"a":2}`), broken}, {broken, broken},
		}}
		box := &counted{}
		r.engine.Model, r.engine.Toolbox = m, box
		in := r.input("hello")
		in.Whole = whole
		out, err := r.engine.Run(context.Background(), in, &sink{})
		if err != nil || out.Turn.Assistant != "done" {
			t.Fatalf("got %q, %v; want done", out.Turn.Assistant, err)
		}
		want := []string{`add{"a":1,"b":[2.50]}`, "broken{}", "broken{}", `add{"a":2}`, "broken{}"}
		if !slices.Equal(box.made, want) {
			t.Errorf("got calls %v, want %v", box.made, want)
		}
		var results []string
		for _, result := range m.got {
			results = append(results, fmt.Sprintf("%s %v", result.Text, result.Failed))
		}
		const again = "This call has failed with the same arguments before and was not made again. failure 5 true"
		if got, want := strings.Join(results, "; "), "result 1 false; failure 2 true; result 1 false; failure 3 true; result 4 false; failure 5 true; "+again+"; "+again; got != want {
			t.Errorf("got results %s, want %s", got, want)
		}
		if n := len(out.Turn.Tools); n != 8 {
			t.Errorf("got %d tool uses in the turn, want all 8", n)
		}
	}
}

// A call whose arguments are malformed is not made, and the model is told so.
func TestTools_MalformedCall(t *testing.T) {
	for _, whole := range []bool{false, true} {
		r := newRig(t, ledger.Credit)
		broken := toolCall("add", `{}`)
		broken.Malformed = true
		m := &rounds{stop: model.StopTools, calls: [][]model.ToolCall{{broken}, {broken, toolCall("add", `{}`)}}}
		box := &counted{}
		r.engine.Model, r.engine.Toolbox = m, box
		in := r.input("hello")
		in.Whole = whole
		out, err := r.engine.Run(t.Context(), in, &sink{})
		if err != nil || out.Turn.Assistant != "done" {
			t.Fatalf("got %q, %v; want done", out.Turn.Assistant, err)
		}
		var results []string
		for _, result := range m.got {
			results = append(results, fmt.Sprintf("%s %v", result.Text, result.Failed))
		}
		const told = "The call was not made, because its arguments are not a JSON object true"
		if got, want := strings.Join(results, "; "), told+"; "+told+"; result 1 false"; got != want || len(box.made) != 1 {
			t.Errorf("got results %s with calls %v, want %s", got, box.made, want)
		}
	}
}

// A call whose arguments the output limit may have cut is not made.
func TestTools_CutCall(t *testing.T) {
	r := newRig(t, ledger.Credit)
	m := &rounds{stop: model.StopLength, calls: [][]model.ToolCall{{toolCall("add", `{"a":1}`), toolCall("add", `{}`)}}}
	box := &counted{}
	r.engine.Model, r.engine.Toolbox = m, box
	if _, _, err := r.run("hello"); err != nil {
		t.Fatal(err)
	}
	if len(box.made) != 1 || len(m.got) != 2 || m.got[0].Text != "result 1" || !m.got[1].Failed ||
		m.got[1].Text != "The call was not made: the output limit was reached before its arguments were complete" {
		t.Errorf("got calls %v with results %v, want only the first made", box.made, m.got)
	}
}
