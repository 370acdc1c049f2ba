package turn

import (
	"context"
	"log/slog"
	"time"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
)

// A turn never costs more than it holds, so concurrent turns never cost more than the
// balance. Each model call has an upper bound before it starts: its input has no more
// tokens than bytes and an estimate for each image, its output no more than the limit in the
// request. If the hold does
// not cover both, it is extended: before the call if credits are scarce or the answer is
// not streamed, otherwise while the answer grows. Most turns fit into the hold of their
// admission and cost no further write.

// Upper bounds of the tokens that a provider adds to a request: for the request, for each
// message and tool, and for using tools at all.
const (
	requestOverhead = 128
	messageOverhead = 16
	toolsOverhead   = 512
)

// worthAsking is the smallest output, in tokens, that the hold must pay for before a
// streamed call starts. The hold is then extended while the answer grows.
const worthAsking = 256

// limit bounds one model call.
type limit struct {
	tokens int // output tokens in the request
	paid   int // output tokens that the hold pays for
}

// limitOf extends the hold for the next call of the model if that is necessary, and
// returns the call's limit. The error is InsufficientCredits if the account cannot
// pay for the request and one token of an answer, and a Conflict if the agent's cap does not
// leave room for them.
func (e *Engine) limitOf(ctx context.Context, a *admitted, r *reply, req model.Request) (limit, error) {
	used := r.usage
	used.Input += maxInputTokens(req)
	most := a.affordable(used)
	if most < 1 {
		return limit{}, a.tooExpensive()
	}
	paid := func() int { return min(most, a.prices.Affordable(a.hold.Amount, used)) }
	cost := func(output int) ledger.Credits {
		return a.prices.Charge(model.Usage{Input: used.Input, Output: used.Output + output})
	}
	missing := cost(most) - a.hold.Amount
	a.capped = most < a.output()
	if paid() >= most || e.grows(a, req) && paid() >= worthAsking && a.hold.Account.Available >= missing {
		return limit{tokens: most, paid: paid()}, nil
	}
	if err := e.extend(ctx, a, max(cost(1)-a.hold.Amount, 1), missing); err != nil && paid() < 1 {
		return limit{}, a.unpaid(err, "this request and one word of an answer cost more than is left")
	}
	a.capped = a.capped && paid() == most
	return limit{tokens: paid(), paid: paid()}, nil
}

// grows reports whether an answer arrives in pieces, so that it can be stopped before it
// outgrows its hold. Whole answers, tool arguments and reasoning arrive at once.
func (e *Engine) grows(a *admitted, req model.Request) bool {
	return !a.input.Whole && len(req.Tools) == 0 && !e.reasons.Of(a.known())
}

// outgrow extends the hold of a call whose output has reached, in bytes, the number of
// tokens that the hold pays for, because each byte may be a token. The error is
// InsufficientCredits if nothing more is available.
func (e *Engine) outgrow(ctx context.Context, a *admitted, r *reply, req model.Request, l *limit) error {
	used := r.usage
	used.Input += maxInputTokens(req)
	whole := a.prices.Charge(model.Usage{Input: used.Input, Output: used.Output + l.tokens})
	if err := e.extend(ctx, a, 1, whole-a.hold.Amount); err != nil {
		return a.unpaid(err, answerUnpaid)
	}
	was := l.paid
	if l.paid = min(l.tokens, a.prices.Affordable(a.hold.Amount, used)); l.paid <= was {
		return a.noCredits(answerUnpaid)
	}
	return nil
}

// extend adds want to the hold, or what is available if that is at least need.
func (e *Engine) extend(ctx context.Context, a *admitted, need, want ledger.Credits) error {
	hold, err := e.Store.Extend(ctx, a.hold, need, max(need, want))
	a.hold = hold
	return err
}

const answerUnpaid = "the answer needs more than is left"

// noCredits returns the error of an answer that the account cannot pay for. Its balance
// is the one at admission, like all balances of a turn.
func (a *admitted) noCredits(why string) error {
	return ledger.NoCredits(a.gate, "No credits available: "+why)
}

// unpaid returns noCredits for a refused extension, and any other error as it is.
func (a *admitted) unpaid(err error, why string) error {
	if fault.Is(err, fault.InsufficientCredits) {
		return a.noCredits(why)
	}
	return err
}

// cover extends the hold to a turn's actual usage, which exceeds the hold only if a
// provider disregards its output limit, or counts images higher than estimated.
func (e *Engine) cover(ctx context.Context, a *admitted, r *reply) {
	missing := a.charge(r.usage) - a.hold.Amount
	if missing <= 0 {
		return
	}
	if err := e.extend(ctx, a, missing, missing); err != nil {
		slog.WarnContext(ctx, "the model exceeded its output limit or the estimate of an image, and the account cannot pay for all of it",
			"org_id", a.turn.OrgID, "turn_id", a.turn.ID, "model", a.turn.Model, "error", err)
	}
}

// maxInputTokens returns an upper bound of the input tokens of a request: no tokenizer
// produces more tokens than bytes. The tokens of images are an estimate, because each model
// counts them in its own way; settlement covers what goes beyond it (see cover).
func maxInputTokens(req model.Request) int {
	n := promptBytes(req) + imageTokens(req) + requestOverhead + messageOverhead*(len(req.Messages)+len(req.Tools))
	if len(req.Tools) > 0 {
		n += toolsOverhead
	}
	return n
}

func promptBytes(req model.Request) int {
	n := len(req.System)
	for _, m := range req.Messages {
		n += len(m.Text)
		for _, c := range m.ToolCalls {
			n += len(c.Name) + len(c.Input)
		}
		for _, res := range m.ToolResults {
			n += len(res.Text)
		}
	}
	for _, t := range req.Tools {
		n += len(t.Name) + len(t.Description) + len(t.Schema)
	}
	return n
}

// bytesPerToken is a typical ratio, for estimates of unreported usage.
const bytesPerToken = 4

// call is the output of one model call.
type call struct {
	from  int // offset of its text in the answer
	began time.Time
	tools []model.ToolCall
}

func (c call) bytes(r *reply) int {
	n := r.text.Len() - c.from
	for _, t := range c.tools {
		n += len(t.Name) + len(t.Input)
	}
	return n
}

// count adds a call's usage. An impossible figure (no token for a text, more tokens than
// bytes) is replaced by an estimate, so that no report can make a turn free, drain an
// account or overflow.
func (r *reply) count(ctx context.Context, reported *model.Usage, req model.Request, said call) {
	var u model.Usage
	if reported != nil {
		u = *reported
	}
	in, out := promptBytes(req), said.bytes(r)
	if u.Input < 1 || u.Input > maxInputTokens(req)+images(req)*model.MaxImageTokens {
		r.estimate(ctx, req, "input", u.Input, reported != nil)
		u.Input = tokensIn(in) + imageTokens(req)
	}
	// Reasoning is never shown, but the model's limit bounds it.
	hidden := min(max(u.Reasoning, 0), max(req.MaxTokens, 0))
	if u.Output < 0 || u.Output < 1 && out > 0 || u.Output > out+messageOverhead*(1+len(said.tools))+hidden {
		r.estimate(ctx, req, "output", u.Output, reported != nil)
		u.Output = tokensIn(out)
	}
	r.reasoned = r.reasoned || hidden > 0
	r.usage.Input += u.Input
	r.usage.Output += u.Output
	r.progress.called(Call{
		After: said.began.Sub(r.started), Took: r.now().Sub(said.began),
		Usage: model.Usage{Input: u.Input, Output: u.Output}, Tools: len(said.tools),
	})
}

func tokensIn(bytes int) int { return (bytes + bytesPerToken - 1) / bytesPerToken }

func (r *reply) estimate(ctx context.Context, req model.Request, what string, tokens int, reported bool) {
	r.estimated = true
	if reported {
		slog.WarnContext(ctx, "the provider reported tokens that cannot be true; they are estimated",
			"model", req.Model, "tokens_of", what, "reported", tokens)
	}
}
