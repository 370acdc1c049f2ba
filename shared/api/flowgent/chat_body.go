package flowgent

import (
	"fmt"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/model"
)

const callbackField = "callback_url"

// question is what the body of a chat asks.
type question struct {
	text     string          // the user's message
	history  []model.Message // what the client says came before it
	threadID string          // empty: a fresh one
	callback string          // where the answer goes; empty: to the caller
}

func questionOf(body wire.Object) (question, error) {
	messages, err := messagesOf(body)
	if err != nil {
		return question{}, err
	}
	threadID, err := wire.ThreadID(body)
	if err != nil {
		return question{}, err
	}
	callback, err := body.OptionalString(callbackField)
	if err != nil {
		return question{}, err
	}
	last := len(messages) - 1
	q := question{text: messages[last].Text, history: messages[:last], threadID: threadID}
	if callback != nil {
		if q.callback = *callback; q.callback == "" {
			return question{}, fault.Field(callbackField, "callback_url must be a URL")
		}
	}
	return q, nil
}

// messagesOf returns the conversation that a body holds, in whichever of its
// three forms. Its last message is the user's, with a text that a turn can take.
func messagesOf(body wire.Object) ([]model.Message, error) {
	const field = "messages"
	switch {
	case body.Begins(field, '['):
		all, err := wire.Messages(body, field)
		if err != nil {
			return nil, err
		}
		last := len(all) - 1
		return all, checkLast(fmt.Sprintf("%s[%d]", field, last), all[last])
	case body.Begins(field, '{'):
		one, err := wire.Message(body, field)
		if err != nil {
			return nil, err
		}
		return []model.Message{one}, checkLast(field, one)
	case body.Begins(field, '"'):
		text, err := body.String(field)
		if err != nil {
			return nil, err
		}
		return []model.Message{{Role: model.User, Text: text}}, wire.CheckText(field, text)
	case !body.Has(field):
		return nil, fault.Field(field, "%s is required", field)
	}
	return nil, fault.Field(field, "%s must be a string, a message or a list of messages", field)
}

func checkLast(at string, m model.Message) error {
	if m.Role != model.User {
		return fault.Field(at+".role", "%s.role must be user: it is the last message that is answered", at)
	}
	return wire.CheckText(at+".content", m.Text)
}
