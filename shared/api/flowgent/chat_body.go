package flowgent

import (
	"fmt"

	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/model"
)

const callbackField = "callback_url"

// question is the body of a chat.
type question struct {
	text     string          // the user's message
	history  []model.Message // the earlier messages that the client sent
	threadID string          // empty: a new thread
	callback string          // URL for the answer; empty: a synchronous answer
}

func questionOf(fields body.Object) (question, error) {
	fields = fields.Allow("messages", "thread_id", callbackField)
	messages, err := messagesOf(fields)
	if err != nil {
		return question{}, err
	}
	threadID, err := body.ThreadID(fields)
	if err != nil {
		return question{}, err
	}
	callback, err := fields.OptionalString(callbackField, delivery.URLRule)
	if err != nil {
		return question{}, err
	}
	last := len(messages) - 1
	q := question{text: messages[last].Text, history: messages[:last], threadID: threadID}
	if callback != nil {
		if q.callback = *callback; q.callback == "" {
			return question{}, fault.Rule(callbackField, delivery.URLRule)
		}
	}
	return q, nil
}

// messagesOf returns the conversation in a body, which has one of three forms. Its last message is
// the user's, with a valid text.
func messagesOf(fields body.Object) ([]model.Message, error) {
	const field, rule = "messages", "must be a string, a message or a list of messages"
	switch {
	case fields.Begins(field, '['):
		all, err := body.Messages(fields, field)
		if err != nil {
			return nil, err
		}
		last := len(all) - 1
		return all, body.CheckLast(fmt.Sprintf("%s[%d]", field, last), all[last])
	case fields.Begins(field, '{'):
		one, err := body.Message(fields, field)
		if err != nil {
			return nil, err
		}
		return []model.Message{one}, body.CheckLast(field, one)
	case fields.Begins(field, '"'):
		text, err := fields.String(field, rule)
		if err != nil {
			return nil, err
		}
		return []model.Message{{Role: model.User, Text: text}}, body.CheckText(field, text)
	case !fields.Has(field):
		return nil, fields.Missing(field, rule)
	}
	_, err := fields.String(field, rule) // not even a string
	return nil, err
}
