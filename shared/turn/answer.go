package turn

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
)

// reply is what the model loop produced, and why it broke off if it did.
type reply struct {
	text      strings.Builder
	tools     []ToolUse
	steps     steps
	usage     model.Usage
	estimated bool
	err       error
}

// answer talks to the model until it is done: each round either ends the
// answer or asks for tools, whose results open the next round.
func (e *Engine) answer(ctx context.Context, a admitted, sink Sink) *reply {
	s := newSteady(sink, a.opening())
	stop := s.keepAlive(!a.input.Whole)
	defer stop()

	r := &reply{}
	req := model.Request{
		Model: a.turn.Model, System: a.live.Instructions, Temperature: a.live.Temperature,
		Messages: append(a.history(), model.Message{Role: model.User, Text: a.input.Text}),
	}
	if e.Toolbox != nil {
		if req.Tools, r.err = e.Toolbox.Tools(ctx, a.live); r.err != nil {
			return r
		}
	}
	for round := 0; ; round++ {
		if round == maxRounds {
			req.Tools = nil
		}
		if req.MaxTokens = a.outputLimit(r, req); req.MaxTokens < 1 {
			r.err = ledger.NoCredits(a.hold.AvailableBefore(), "No credits available: this request and one word of an answer cost more than is left")
			return r
		}
		calls, err := e.ask(ctx, a, req, r, s)
		if err != nil {
			r.err = tooSlow(ctx, err)
			return r
		}
		if len(calls) == 0 {
			return r
		}
		if round == maxRounds {
			r.err = fault.New(fault.Internal, "The model asked for tools in more than %d rounds", maxRounds)
			return r
		}
		results := e.useTools(ctx, a.live, calls, r, s)
		req.Messages = append(req.Messages,
			model.Message{Role: model.Assistant, ToolCalls: calls},
			model.Message{Role: model.User, ToolResults: results})
	}
}

// ask makes one call of the model, adds what it says to r and returns the
// tools that it wants.
func (e *Engine) ask(ctx context.Context, a admitted, req model.Request, r *reply, s *steady) ([]model.ToolCall, error) {
	if a.input.Whole {
		whole, err := e.Model.Converse(ctx, req)
		if err != nil {
			return nil, err
		}
		r.count(whole.Usage, req, whole.Text)
		if r.text.Len()+len(whole.Text) > maxAnswer {
			return nil, errTooLong
		}
		s.start()
		if whole.Text != "" {
			r.say(whole.Text, s)
		}
		return whole.ToolCalls, nil
	}

	var calls []model.ToolCall
	said := r.text.Len()
	counted := false
	for event, err := range e.Model.Stream(ctx, req) {
		if err != nil {
			// A stream that broke never reports its usage.
			if r.text.Len() > said {
				r.count(nil, req, r.text.String()[said:])
			}
			return nil, err
		}
		switch event := event.(type) {
		case model.Opened:
			s.start()
		case model.TextDelta:
			if r.text.Len()+len(event) > maxAnswer {
				r.count(nil, req, r.text.String()[said:])
				return nil, errTooLong
			}
			r.say(string(event), s)
		case model.ToolCall:
			calls = append(calls, event)
		case model.Finished:
			r.count(event.Usage, req, r.text.String()[said:])
			counted = true
		}
	}
	if !counted {
		return nil, fault.New(fault.Internal, "The model's answer ended early")
	}
	return calls, nil
}

func (r *reply) say(text string, s *steady) {
	r.text.WriteString(text)
	r.steps.delta(text)
	s.delta(text)
}

var errTooLong = fault.New(fault.Internal, "The model's answer is longer than can be kept")

// tooSlow tells a turn that ran out of time from one that failed.
func tooSlow(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &fault.Error{Code: fault.ModelUnavailable, Message: "The model did not finish in time", Err: err}
	}
	return err
}

func (a admitted) opening() Opening {
	return Opening{
		TurnID: a.turn.ID, ThreadID: a.turn.ThreadID, AgentID: a.turn.AgentID, At: a.turn.StartedAt,
		Available: a.hold.AvailableBefore(), Hold: a.hold.Amount,
	}
}

// history is what the model is shown of what came before: the client's own
// account of it for a thread that is fresh, the thread's turns otherwise. A
// turn that has no answer is left out: roles must alternate.
func (a admitted) history() []model.Message {
	if len(a.input.History) > 0 && a.input.ThreadID == "" {
		return RecentMessages(a.input.History)
	}
	turns := recent(a.before)
	messages := make([]model.Message, 0, 2*len(turns)+1)
	for _, t := range turns {
		if t.User == "" || t.Assistant == "" {
			continue
		}
		messages = append(messages,
			model.Message{Role: model.User, Text: t.User},
			model.Message{Role: model.Assistant, Text: t.Assistant})
	}
	return messages
}

// RecentMessages returns the latest messages of a client's own account, as many
// as a model would be shown of a thread.
func RecentMessages(all []model.Message) []model.Message {
	all = all[max(0, len(all)-2*historyTurns):]
	size := 0
	for i, m := range slices.Backward(all) {
		size += len(m.Text)
		if size > historyBytes {
			return slices.Clone(all[i+1:])
		}
	}
	return slices.Clone(all)
}
