package effect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/clip"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/thread"
	"github.com/quintet-agents/quintet/shared/turn"
)

// Agents runs the turns of agent steps. A turn's idempotency key is that of the effect, so it is
// paid once; a worker that finds it running waits for it.
type Agents struct {
	Turns turn.Runner
}

// asked is what an agent was asked, as the run shows it.
type asked struct {
	AgentID  string `json:"agent_id"`
	Prompt   string `json:"prompt"`
	ThreadID string `json:"thread_id,omitempty"`
}

// said is the output of an agent step.
type said struct {
	Text      string `json:"text"`
	ThreadID  string `json:"thread_id"`
	TurnID    string `json:"turn_id"`
	Usage     usage  `json:"usage"`
	Truncated bool   `json:"truncated,omitempty"` // the thread has the whole text
}

type usage struct {
	InputTokens  int         `json:"input_tokens"`
	OutputTokens int         `json:"output_tokens"`
	Credits      json.Number `json:"credits"`
}

func (a *Agents) do(ctx context.Context, r automation.Run, p automation.Position, id string) (input, output json.RawMessage, err error) {
	texts, err := p.Texts()
	if err != nil {
		return nil, nil, err
	}
	prompt, threadID := texts["prompt"], strings.TrimSpace(texts["thread_id"])
	if input, err = automation.Encode(asked{p.Step.AgentID, clip.Text(prompt, maxShown), threadID}); err != nil {
		return nil, nil, err
	}
	switch {
	case strings.TrimSpace(prompt) == "":
		return input, nil, failed("The prompt is empty")
	case len(prompt) > turn.MaxText:
		return input, nil, failed(fmt.Sprintf("The prompt is longer than %d KiB", turn.MaxText>>10))
	case threadID != "" && !thread.ValidID(threadID):
		return input, nil, failed("The thread_id must be 1 to 128 of A-Z, a-z, 0-9, _, ., : and -")
	}
	key, err := keyOf(r, id)
	if err != nil {
		return input, nil, err
	}
	out, err := a.Turns.Run(ctx, turn.Input{
		Caller: identity.Caller{OrgID: r.OrgID, KeyID: r.AutomationID}, Agent: p.Step.AgentID, ThreadID: threadID, Text: prompt,
		Channel: turn.AutomationChannel, Whole: true, Once: key, OnceKept: keptFor,
	}, turn.Quiet{})
	if err != nil {
		return input, nil, refusal(out, err)
	}
	output, err = saidBy(out.Turn)
	return input, output, err
}

// saidBy returns a turn as later steps see it, of at most MaxOutput bytes.
func saidBy(t turn.Turn) (json.RawMessage, error) {
	out := said{
		Text: t.Assistant, ThreadID: t.ThreadID, TurnID: t.ID,
		Usage: usage{InputTokens: t.Usage.Input, OutputTokens: t.Usage.Output, Credits: t.Charge.Number()},
	}
	encoded, err := automation.Encode(out)
	for size := MaxOutput; err == nil && len(encoded) > MaxOutput; size /= 2 {
		out.Text, out.Truncated = clip.Text(t.Assistant, size), true
		encoded, err = automation.Encode(out)
	}
	return encoded, err
}

// refusal returns the failure of a turn. One that was settled is not repeated: its key would give
// the same answer again. A fault of the store is returned as it is.
func refusal(out turn.Outcome, err error) error {
	known, ok := errors.AsType[*fault.Error](err)
	switch {
	case out.Turn.ID != "":
		return failed(fmt.Sprintf("The agent's answer is incomplete (turn %s): %s", out.Turn.ID, fault.From(err).Shown()))
	case !ok:
		return err
	}
	f := failed("The agent could not be asked: " + known.Shown())
	f.After = min(known.RetryAfter, maxAfter)
	switch {
	case errors.Is(err, idempotency.ErrRunning):
		f.Message, f.Held = "The turn of an earlier worker has not ended", true
	case known.Code == fault.RateLimited:
		f.Held = true
	case known.Code == fault.ModelUnavailable, known.Code == fault.Internal, known.Code == fault.Conflict && known.RetryAfter > 0:
		f.Again = true
	}
	return f
}
