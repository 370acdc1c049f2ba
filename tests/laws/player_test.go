package laws_test

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/model"
)

// player is a model that plays a script, and the tools that it calls.
type player struct {
	script script
	asked  []model.Request // since the script began

	thinks time.Duration // before it accepts a request, before each piece and at the end
	works  time.Duration // duration of a tool call
	hangs  func()        // if set, called after the pieces of an answer that never ends
}

func (p *player) play(s script) { p.script, p.asked = s, nil }

// next returns the round that answers a request.
func (p *player) next(req model.Request) (r round, err error) {
	n := len(p.asked)
	p.asked = append(p.asked, req)
	if n == len(p.script.rounds)-1 && p.script.fails != "" {
		err = fault.New(p.script.fails, "The model %s", "broke off")
	}
	return p.script.rounds[n], err
}

// Converse implements model.Provider.
func (p *player) Converse(ctx context.Context, req model.Request) (model.Reply, error) {
	r, err := p.next(req)
	if p.hangs != nil {
		p.hangs()
		<-ctx.Done()
		return model.Reply{}, ctx.Err()
	}
	if err != nil {
		return model.Reply{}, err
	}
	return model.Reply{Text: strings.Join(r.pieces, ""), ToolCalls: toolCalls(r), Usage: &r.usage}, nil
}

// Stream implements model.Provider.
func (p *player) Stream(ctx context.Context, req model.Request) iter.Seq2[model.Event, error] {
	r, err := p.next(req)
	return func(yield func(model.Event, error) bool) {
		time.Sleep(p.thinks)
		if err != nil && p.script.mute {
			yield(nil, err)
			return
		}
		events := []model.Event{model.Opened{}}
		for _, piece := range r.pieces {
			events = append(events, model.TextDelta(piece))
		}
		for _, c := range toolCalls(r) {
			events = append(events, c)
		}
		for _, e := range events {
			if !yield(e, nil) {
				return
			}
			time.Sleep(p.thinks)
		}
		if p.hangs != nil {
			p.hangs()
			<-ctx.Done()
			err = ctx.Err()
		}
		if err != nil {
			yield(nil, err)
			return
		}
		yield(model.Finished{Usage: &r.usage}, nil)
	}
}

func toolCalls(r round) (calls []model.ToolCall) {
	for _, c := range r.calls {
		calls = append(calls, c.ToolCall)
	}
	return calls
}

// Tools implements turn.Toolbox.
func (*player) Tools(context.Context, agent.Live) ([]model.Tool, error) {
	return []model.Tool{{Name: "look_up", Schema: json.RawMessage(`{"type":"object"}`)}}, nil
}

// Call implements turn.Toolbox.
func (p *player) Call(_ context.Context, _ agent.Live, _ string, asked model.ToolCall) (string, error) {
	time.Sleep(p.works)
	for _, c := range p.script.calls() {
		if c.ID == asked.ID && c.failed {
			return "", &fault.Error{Code: fault.Internal, Message: c.result}
		}
		if c.ID == asked.ID {
			return c.result, nil
		}
	}
	return "", errors.New("unknown tool call " + asked.ID)
}
