// Package effect performs the steps of automations that reach somebody: HTTP requests, turns of
// agents, templates and messages. Performer is the automation.Effects of the workers; Requests,
// Agents, Templates and Messages are its parts, one for each type of step.
//
// Each part makes the effect under the id that it gets, so that a step that is taken again, by
// whatever worker, has one effect: a receiver sees one Idempotency-Key, a turn is charged once, and
// a message that may have left is not sent again.
package effect

import (
	"context"
	"encoding/json"
	"time"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/idempotency"
)

// The limits of what a run keeps of a step.
const (
	MaxOutput = 64 << 10 // bytes of an output that came from outside; automation.MaxOutput bounds all outputs
	maxShown  = 16 << 10 // bytes of a text in an input
	maxQuoted = 500      // bytes of an answer in an error
)

// keptFor is how long the idempotency keys of effects are kept: as long as the rows of a run.
const keptFor = automation.Kept

// maxAfter bounds the wait that a receiver or a provider asks for.
const maxAfter = time.Hour

// Performer performs steps.
type Performer struct {
	Requests  *Requests
	Agents    *Agents
	Templates *Templates
	Messages  *Messages
}

// Do performs a step. It implements automation.Effects.
func (p *Performer) Do(ctx context.Context, r automation.Run, at automation.Position, id string) (input, output json.RawMessage, err error) {
	switch at.Step.Type {
	case automation.HTTP:
		return p.Requests.do(ctx, r, at, id)
	case automation.Agent:
		return p.Agents.do(ctx, r, at, id)
	case automation.SendTemplate:
		return p.Templates.do(ctx, r, at, id)
	case automation.SendMessage:
		return p.Messages.do(ctx, r, at, id)
	}
	return nil, nil, &automation.FailedError{Message: "A step of type " + string(at.Step.Type) + " has no effect"}
}

// keyOf returns the idempotency key of an effect.
func keyOf(r automation.Run, id string) (*idempotency.Key, error) {
	key, err := idempotency.New(r.OrgID, "AUTOMATION", r.AutomationID+"/"+r.ID, id, nil)
	return &key, err
}

// failed returns a failure that another attempt would repeat.
func failed(message string) *automation.FailedError { return &automation.FailedError{Message: message} }
