package dynamo

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/event"
	"github.com/quintet-agents/quintet/shared/ledger"
)

// ReadChange returns the change in a record of the table's stream, from the item before it
// and after it; either may be nil. For most records the result has no field set.
func ReadChange(before, after item) (event.Change, error) {
	it := after
	if it == nil {
		it = before
	}
	var c event.Change
	var err error
	switch at := (key{text(it["pk"]), text(it["sk"])}); {
	case strings.HasPrefix(at.sk, turnPrefix) && before == nil:
		var r turnRow
		err = attributevalue.UnmarshalMap(after, &r)
		c.Turn = new(r.turn())
	case isAgent(at):
		c.Agent, err = pair(before, after, agentOf)
	case at == shardKey(text(it["org_id"]), shardOf(at)):
		c.Account, err = pair(before, after, func(it item) (ledger.Account, error) { return accountOf(it), nil })
	case isWebhook(at):
		c.Webhook, err = pair(before, after, webhookOf)
	case isConnection(at):
		c.Connection, err = pair(before, after, connectionOf)
	case isRun(at):
		c.Run, err = endedRun(before, after)
	}
	return c, err
}

func pair[T any](before, after item, read func(item) (T, error)) (*event.Pair[T], error) {
	half := func(it item) (*T, error) {
		if it == nil {
			return nil, nil
		}
		t, err := read(it)
		return &t, err
	}
	was, err := half(before)
	if err != nil {
		return nil, err
	}
	is, err := half(after)
	return &event.Pair[T]{Before: was, After: is}, err
}

func agentOf(it item) (agent.Agent, error) {
	var r agentRow
	err := attributevalue.UnmarshalMap(it, &r)
	return r.agent(), err
}

func webhookOf(it item) (delivery.Webhook, error) {
	var r webhookRow
	err := attributevalue.UnmarshalMap(it, &r)
	return r.webhook(), err
}

func connectionOf(it item) (connection.Connection, error) {
	var r connectionRow
	err := attributevalue.UnmarshalMap(it, &r)
	return r.connection(), err
}

// isRun reports whether a key is one of automationRunKey.
func isRun(at key) bool {
	_, ok := runOf(at)
	return ok
}

// endedRun returns the run that a change has completed or failed, or nil.
func endedRun(before, after item) (*event.EndedRun, error) {
	var was, is automationRunRow
	if err := attributevalue.UnmarshalMap(before, &was); err != nil {
		return nil, err
	}
	if err := attributevalue.UnmarshalMap(after, &is); err != nil || !is.Stopped || was.Stopped {
		return nil, err
	}
	ended := &event.EndedRun{
		ID: is.ID, OrgID: is.OrgID, AutomationID: is.AutomationID, Name: is.Name, Reruns: is.Generation, At: unstamp(is.EndedAt), State: is.State,
	}
	if is.Error != nil {
		ended.Error = &event.RunError{Step: is.Error.Step, Message: is.Error.Message}
	}
	return ended, nil
}
