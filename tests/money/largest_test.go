package money_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/turn"
)

// The largest possible turn, in the smallest pieces and under a key, is paid, kept and
// replayed.
func TestSettle_LargestTurn(t *testing.T) {
	b := newBank(t, 1000*ledger.Credit, &largest{})
	b.engine.Toolbox = archive{}
	in := b.once(t)
	in.Text = strings.Repeat("€", turn.MaxText/3)
	in.Visitor = json.RawMessage(`{"name":"` + strings.Repeat("v", 4000) + `"}`)
	out, err := b.engine.Run(t.Context(), in, turn.Quiet{})
	if err == nil || out.Turn.ID == "" {
		t.Fatalf("got turn %q, error %v, want a turn and an error about its length", out.Turn.ID, err)
	}
	if got := b.wantBooks(t); got == 0 {
		t.Error("got charges of 0, want more")
	}
	again, replayErr := b.engine.Run(t.Context(), in, turn.Quiet{})
	got, want := fault.From(replayErr), fault.From(err)
	if got.Code != want.Code || got.Message != want.Message {
		t.Errorf("got %v for the replay, want %v", replayErr, err)
	}
	if again.Turn.Assistant != out.Turn.Assistant || len(again.Turn.Assistant) != 192<<10 {
		t.Errorf("got %d replayed bytes, want %d of %d", len(again.Turn.Assistant), 192<<10, len(out.Turn.Assistant))
	}
}

// largest is a model that calls tools with long inputs and then produces more text than
// can be kept, a character at a time.
type largest struct{ model.Provider }

func (*largest) Stream(_ context.Context, req model.Request) iter.Seq2[model.Event, error] {
	return func(yield func(model.Event, error) bool) {
		if !yield(model.Opened{}, nil) {
			return
		}
		if len(req.Tools) > 0 {
			for i := range 16 {
				input := json.RawMessage(`{"x":"` + strings.Repeat("y", 8000) + `"}`)
				if !yield(model.ToolCall{ID: fmt.Sprint(len(req.Messages), "-", i), Name: "get", Input: input}, nil) {
					return
				}
			}
			yield(model.Finished{Stop: model.StopTools}, nil)
			return
		}
		for range 200 << 10 {
			if !yield(model.TextDelta("a"), nil) {
				return
			}
		}
	}
}

// archive is a toolbox whose results have the largest allowed length.
type archive struct{}

func (archive) Tools(context.Context, agent.Live) ([]model.Tool, error) {
	return []model.Tool{{Name: "get", Schema: json.RawMessage(`{"type":"object"}`)}}, nil
}

func (archive) Call(context.Context, agent.Live, string, model.ToolCall) (string, error) {
	return strings.Repeat("\x01", 64<<10), nil
}
