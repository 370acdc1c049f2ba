package turn_test

import (
	"context"
	"encoding/json"
	"iter"

	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
)

// stuck sends some text and then blocks until its context ends.
type stuck struct {
	after string
	until chan struct{}
}

func (stuck) Converse(ctx context.Context, _ model.Request) (model.Reply, error) {
	<-ctx.Done()
	return model.Reply{}, ctx.Err()
}

func (m stuck) Stream(ctx context.Context, _ model.Request) iter.Seq2[model.Event, error] {
	return func(yield func(model.Event, error) bool) {
		if !yield(model.Opened{}, nil) || !yield(model.TextDelta(m.after), nil) {
			return
		}
		select {
		case <-ctx.Done():
			yield(nil, ctx.Err())
		case <-m.until:
			yield(model.Finished{Stop: model.StopEnd}, nil)
		}
	}
}

// cutOff returns an interrupted answer in one piece.
type cutOff struct{ model.Provider }

func (cutOff) Converse(context.Context, model.Request) (model.Reply, error) {
	return model.Reply{Text: "so far"}, model.TooLarge("text")
}

// holding calls a tool, and records the output limit of each request and the org's holds
// at that time.
type holding struct {
	obsessed

	held   func() ledger.Credits
	limits []int
	holds  []ledger.Credits
}

func (m *holding) Stream(ctx context.Context, req model.Request) iter.Seq2[model.Event, error] {
	m.limits, m.holds = append(m.limits, req.MaxTokens), append(m.holds, m.held())
	return m.obsessed.Stream(ctx, req)
}

// obsessed calls a tool in every round.
type obsessed struct{}

func (obsessed) Converse(context.Context, model.Request) (model.Reply, error) {
	return model.Reply{ToolCalls: []model.ToolCall{{ID: "1", Name: "add", Input: json.RawMessage(`{}`)}}, Stop: model.StopTools}, nil
}

func (obsessed) Stream(context.Context, model.Request) iter.Seq2[model.Event, error] {
	return func(yield func(model.Event, error) bool) {
		_ = yield(model.Opened{}, nil) &&
			yield(model.ToolCall{ID: "1", Name: "add", Input: json.RawMessage(`{}`)}, nil) &&
			yield(model.Finished{Stop: model.StopTools, Usage: &model.Usage{}}, nil)
	}
}

// spender uses five tokens in each round and never stops calling tools.
type spender struct{ obsessed }

func (spender) Stream(context.Context, model.Request) iter.Seq2[model.Event, error] {
	return func(yield func(model.Event, error) bool) {
		_ = yield(model.Opened{}, nil) && yield(model.TextDelta("so far"), nil) &&
			yield(model.ToolCall{ID: "1", Name: "add", Input: json.RawMessage(`{}`)}, nil) &&
			yield(model.Finished{Stop: model.StopTools, Usage: &model.Usage{Output: 5}}, nil)
	}
}
