package turn

import "github.com/quintet-agents/quintet/shared/model"

// messageOverhead covers the tokens that a provider adds around a message.
const messageOverhead = 16

// outputLimit returns how many tokens the next call of the model may produce,
// so that the turn costs no more than its hold and what was free beside it.
func (a admitted) outputLimit(r *reply, req model.Request) int {
	used := r.usage
	used.Input += maxInputTokens(req)
	return min(maxOutput, a.hold.Account.PricesOf(a.turn.Model).Affordable(a.hold.Budget(), used))
}

// maxInputTokens bounds the input tokens of a request from above: no tokenizer
// makes more tokens than there are bytes.
func maxInputTokens(req model.Request) int {
	return promptBytes(req) + messageOverhead*(len(req.Messages)+len(req.Tools)+1)
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

// bytesPerToken is a usual ratio, for when the provider does not say.
const bytesPerToken = 4

// count adds a call's usage. A provider that reported none, or nonsense, is
// estimated, so that no report can block or distort a settlement.
func (r *reply) count(u *model.Usage, req model.Request, said string) {
	if u == nil || u.Input < 0 || u.Output < 0 {
		r.estimated = true
		u = &model.Usage{
			Input:  (promptBytes(req) + bytesPerToken - 1) / bytesPerToken,
			Output: (len(said) + bytesPerToken - 1) / bytesPerToken,
		}
	}
	r.usage.Input += u.Input
	r.usage.Output += u.Output
}
