// Package event derives events from committed changes of the table and fans them out to
// the webhooks that want them. Feed turns stream records into fan-outs, Fanout turns a
// fan-out into deliveries; package delivery sends them.
//
// Nothing is announced that was not committed, and every commit is announced: a turn does
// not wait for its events and cannot lose them. A change may be handled more than once. The
// ids of events and deliveries are derived from it, so a retry creates nothing new.
package event

import (
	"fmt"
	"slices"
	"strings"

	"github.com/quintet-agents/quintet/shared/fault"
)

// Type is the type of an event.
type Type = string

// The event types.
const (
	ConversationStarted Type = "conversation.started"
	MessageCreated      Type = "message.created"
	TurnCompleted       Type = "turn.completed"
	TurnFailed          Type = "turn.failed"
	AgentDeployed       Type = "agent.deployed"
	AgentDeleted        Type = "agent.deleted"
	CreditsLow          Type = "credits.low"
	CreditsExhausted    Type = "credits.exhausted"
	RunCompleted        Type = "automation.run.completed"
	RunFailed           Type = "automation.run.failed"
	ConnectionDisabled  Type = "connection.disabled"
)

// Types are the types that a webhook can subscribe to.
var Types = []Type{
	ConversationStarted, MessageCreated, TurnCompleted, TurnFailed, AgentDeployed, AgentDeleted, CreditsLow, CreditsExhausted,
	RunCompleted, RunFailed, ConnectionDisabled,
}

// Rule says what a list of types may be.
var Rule = "must be a list of event types: " + strings.Join(Types, ", ")

// Check returns types without duplicates. The error is Invalid and names the field if
// the list is empty or contains an unknown type.
func Check(field string, types []Type) ([]Type, error) {
	var known []Type
	for i, t := range types {
		if !slices.Contains(Types, t) {
			at := fmt.Sprintf("%s[%d]", field, i)
			return nil, fault.Field(at, "%s must be one of %s", at, strings.Join(Types, ", "))
		}
		if !slices.Contains(known, t) {
			known = append(known, t)
		}
	}
	if len(known) == 0 {
		return nil, fault.Field(field, "%s must have at least one of %s", field, strings.Join(Types, ", "))
	}
	return known, nil
}
