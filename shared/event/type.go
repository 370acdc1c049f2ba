// Package event makes events of what has happened and sees that each gets to
// the webhooks that want it.
package event

import (
	"slices"
	"strings"

	"github.com/quintet-agents/quintet/shared/fault"
)

// Type is what kind of thing has happened.
type Type = string

// The types.
const (
	ConversationStarted Type = "conversation.started"
	MessageCreated      Type = "message.created"
	TurnCompleted       Type = "turn.completed"
	TurnFailed          Type = "turn.failed"
	AgentDeployed       Type = "agent.deployed"
	AgentDeleted        Type = "agent.deleted"
	CreditsLow          Type = "credits.low"
	CreditsExhausted    Type = "credits.exhausted"
	RunCompleted        Type = "automation.run.completed" // nothing makes it yet
	RunFailed           Type = "automation.run.failed"    // nor this
	ConnectionDisabled  Type = "connection.disabled"
)

// Types are all that a webhook can want.
var Types = []Type{
	ConversationStarted, MessageCreated, TurnCompleted, TurnFailed, AgentDeployed, AgentDeleted, CreditsLow, CreditsExhausted,
	RunCompleted, RunFailed, ConnectionDisabled,
}

// Check returns types without repetition, or an Invalid error of the field for
// a list that is empty or has what is no type.
func Check(field string, types []Type) ([]Type, error) {
	var known []Type
	for _, t := range types {
		if !slices.Contains(Types, t) {
			return nil, fault.Field(field, "%s must be a list of %s", field, strings.Join(Types, ", "))
		}
		if !slices.Contains(known, t) {
			known = append(known, t)
		}
	}
	if len(known) == 0 {
		return nil, fault.Field(field, "%s must have at least one type", field)
	}
	return known, nil
}
