package turn

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/clip"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
)

// reply is the output of the model loop, with its error if it was interrupted.
type reply struct {
	text      strings.Builder
	tools     []ToolUse
	steps     steps
	usage     model.Usage
	calls     int // completed model calls
	estimated bool
	reasoned  bool // the model reported tokens without showing text for them
	cut       bool // the last model call reached its output limit
	err       error

	progress *progress
	started  time.Time // of the turn
	now      func() time.Time
}

// told reports whether the client may have received part of the answer: text or tool
// calls.
func (r *reply) told() bool { return r.text.Len() > 0 || len(r.tools) > 0 }

// answer runs the model loop: each round either completes the answer or requests tools,
// whose results start the next round.
func (e *Engine) answer(ctx context.Context, a *admitted, sink Sink) *reply {
	s := newSteady(sink, a.opening())
	stop := s.keepAlive(!a.input.Whole)
	defer stop()

	ctx, done := a.timed(ctx, e.Now())
	defer done()
	r := &reply{progress: a.progress, started: a.turn.StartedAt, now: e.Now}
	defer func() {
		if r.err != nil {
			r.err = a.tooLong(ctx, stopped(ctx, r.err))
		}
	}()
	defer func() {
		if r.reasoned {
			e.reasons.Learn(a.known(), true)
		}
	}()
	if a.provider, r.err = e.providerOf(ctx, a.live); r.err != nil {
		return r
	}
	req := model.Request{
		Model: a.turn.Model, System: a.live.Instructions, Temperature: a.live.Settings.Temperature, Stop: a.live.Settings.Stop,
		Messages: append(a.history(), model.Message{Role: model.User, Text: a.input.Text, Images: a.input.Images}),
	}
	if r.err = e.canSee(a, req); r.err != nil {
		return r
	}
	if e.Toolbox != nil && a.rounds() > 0 {
		if req.Tools, r.err = e.Toolbox.Tools(ctx, a.live); r.err != nil {
			return r
		}
	}
	for round := 0; ; round++ {
		if round == a.rounds() {
			req.Tools = nil
		}
		calls, err := e.askWithin(ctx, a, req, r, s)
		if err != nil {
			e.learnSight(ctx, a, req, err)
			r.err = err
			return r
		}
		if len(calls) == 0 {
			return r
		}
		if round == a.rounds() {
			r.err = a.tooManyRounds()
			return r
		}
		results := e.useTools(ctx, a, calls, r, s)
		if r.err = ctx.Err(); r.err != nil {
			return r
		}
		req.Messages = append(req.Messages,
			model.Message{Role: model.Assistant, ToolCalls: calls},
			model.Message{Role: model.User, ToolResults: results})
	}
}

// ask makes one streaming model call, adds its text to r and returns its tool calls.
func (e *Engine) ask(ctx context.Context, a *admitted, req model.Request, r *reply, s *steady) ([]model.ToolCall, error) {
	limit, err := e.limitOf(ctx, a, r, req)
	if err != nil {
		return nil, err
	}
	room := req.MaxTokens
	req.MaxTokens = limit.tokens
	asked := within(room, req)
	if a.input.Whole {
		return e.askWhole(ctx, a, req, asked, r, s)
	}

	said := call{from: r.text.Len(), began: e.Now()}
	r.progress.asks(asked)
	var end *model.Finished
	for event, err := range a.provider.Stream(ctx, asked) {
		if err != nil {
			return nil, r.broke(ctx, req, said, err)
		}
		switch event := event.(type) {
		case model.Opened:
			s.start()
		case model.TextDelta:
			if limit.paid < limit.tokens && said.bytes(r)+len(event) > limit.paid {
				if err := e.outgrow(ctx, a, r, req, &limit); err != nil {
					return nil, r.broke(ctx, req, said, err)
				}
			}
			if err := r.say(string(event), s); err != nil {
				return nil, r.broke(ctx, req, said, err)
			}
		case model.ToolCall:
			said.tools = append(said.tools, event)
		case model.Finished:
			end = &event
		}
	}
	if end == nil {
		return nil, r.broke(ctx, req, said, fault.New(fault.Internal, "The model's answer ended early"))
	}
	r.calls++
	r.cut = end.Stop == model.StopLength
	r.count(ctx, end.Usage, req, said)
	return said.tools, a.cutShort(end.Stop, req, asked)
}

// askWhole makes one non-streaming model call.
func (e *Engine) askWhole(ctx context.Context, a *admitted, req, asked model.Request, r *reply, s *steady) ([]model.ToolCall, error) {
	said := call{from: r.text.Len(), began: e.Now()}
	r.progress.asks(asked)
	whole, err := a.provider.Converse(ctx, asked)
	if err != nil && whole.Text == "" {
		return nil, err
	}
	s.start()
	said.tools = whole.ToolCalls
	if err := cmp.Or(r.say(whole.Text, s), err); err != nil {
		return nil, r.broke(ctx, req, said, err)
	}
	r.calls++
	r.cut = whole.Stop == model.StopLength
	r.count(ctx, whole.Usage, req, said)
	return whole.ToolCalls, a.cutShort(whole.Stop, req, asked)
}

// cutShort returns the error of an answer that reached an output limit which scarce credits
// or the cap of credits had lowered, and nil otherwise.
func (a *admitted) cutShort(stop model.Stop, req, asked model.Request) error {
	switch {
	case stop != model.StopLength || req.MaxTokens == a.output() || asked.MaxTokens != req.MaxTokens:
		return nil
	case a.capped:
		return a.tooExpensive()
	}
	return a.noCredits(answerUnpaid)
}

// broke estimates the usage of an interrupted call, which never reports it. A call
// without output is free.
func (r *reply) broke(ctx context.Context, req model.Request, said call, err error) error {
	if said.bytes(r) > 0 {
		r.count(ctx, nil, req, said)
	}
	return err
}

// say adds text to the answer. Text beyond maxAnswer is dropped, and the error is then
// model.TooLarge.
func (r *reply) say(text string, s *steady) error {
	kept := clip.Text(text, maxAnswer-r.text.Len())
	if kept != "" {
		r.text.WriteString(kept)
		r.steps.delta(kept)
		r.progress.says(len(kept))
		s.delta(kept)
	}
	if len(kept) < len(text) {
		return model.TooLarge("text of the turn")
	}
	return nil
}

func (a *admitted) opening() Opening {
	return Opening{
		TurnID: a.turn.ID, ThreadID: a.turn.ThreadID, AgentID: a.turn.AgentID, At: a.turn.StartedAt,
		Available: a.gate, Hold: a.held, Quotas: ledger.Quotas(a.hold.Account, a.hold.Rates),
	}
}

// history returns the earlier messages for the model: for a new thread the history that
// the client sent, otherwise the thread's turns. Turns without an answer are left out,
// because roles must alternate.
func (a *admitted) history() []model.Message {
	if len(a.input.History) > 0 && a.input.ThreadID == "" {
		return RecentMessages(a.input.History)
	}
	turns := recent(a.before)
	messages := make([]model.Message, 0, 2*len(turns)+1)
	for _, t := range turns {
		if !t.Note && (t.User == "" || t.Assistant == "") {
			continue
		}
		user := t.User
		if user == "" && len(messages) == 0 {
			user = silence
		}
		messages = append(messages,
			model.Message{Role: model.User, Text: user},
			model.Message{Role: model.Assistant, Text: t.Assistant})
	}
	return messages
}

// silence is the user's text before a conversation that the business began: a model's
// conversation begins with the user.
const silence = "(no message)"

// RecentMessages returns the latest messages of a client-sent history, bounded like the
// history of a thread.
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
