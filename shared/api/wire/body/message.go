package body

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/thread"
	"github.com/quintet-agents/quintet/shared/turn"
)

// MessageText returns a required message content: text or text parts, not blank, at most turn.MaxText
// bytes.
func MessageText(o Object, field string) (string, error) {
	content, err := o.Text(field)
	if err != nil {
		return "", err
	}
	return content, CheckText(o.at(field), content)
}

// CheckText returns an Invalid error for a text that is blank or longer than turn.MaxText.
func CheckText(field, text string) error {
	switch {
	case strings.TrimSpace(text) == "":
		return fault.Field(field, "%s must not be blank", field)
	case len(text) > turn.MaxText:
		return fault.Field(field, "%s must be at most %d bytes", field, turn.MaxText)
	}
	return nil
}

// CheckLast returns an Invalid error unless the last message of a conversation is the user's, with a text
// that CheckText accepts. at is the path of the message.
func CheckLast(at string, m model.Message) error {
	if role := at + ".role"; m.Role != model.User {
		return fault.Field(role, "%s must be user: it is the last message that is answered", role)
	}
	return CheckText(at+".content", m.Text)
}

// Messages returns a field that must be a list of `{role, content}` messages,
// at least one. Instructions belong to the agent, so the roles are user and
// assistant.
func Messages(o Object, field string) ([]model.Message, error) {
	const rule = "must be a list of messages"
	at := o.at(field)
	if !o.Has(field) {
		return nil, o.Missing(field, rule)
	}
	var list []json.RawMessage
	if json.Unmarshal(o.fields[field], &list) != nil {
		return nil, otherKind(at, rule, o.fields[field])
	}
	if len(list) == 0 {
		return nil, fault.Field(at, "%s must have at least one message", at)
	}
	messages := make([]model.Message, 0, len(list))
	for i, raw := range list {
		m, err := message(fmt.Sprintf("%s[%d]", at, i), raw)
		if err != nil {
			return nil, err
		}
		messages = append(messages, m)
	}
	return messages, nil
}

// Message returns a field that must be one `{role, content}` message.
func Message(o Object, field string) (model.Message, error) {
	if !o.Has(field) {
		return model.Message{}, o.Missing(field, "must be a message")
	}
	return message(o.at(field), o.fields[field])
}

func message(at string, raw json.RawMessage) (model.Message, error) {
	o, err := parseObject(at, raw)
	if err != nil {
		return model.Message{}, err
	}
	o = o.Allow("role", "content")
	const rule = "must be user or assistant"
	role, err := o.String("role", rule)
	if err != nil {
		return model.Message{}, err
	}
	if r := model.Role(role); r != model.User && r != model.Assistant {
		return model.Message{}, fault.Field(o.at("role"), "%s %s: instructions belong to the agent", o.at("role"), rule)
	}
	text, err := o.Text("content")
	return model.Message{Role: model.Role(role), Text: text}, err
}

// ThreadID returns the field thread_id, or "". Its UUIDs are folded; see param.FoldIDs.
func ThreadID(o Object) (string, error) {
	id, err := o.OptionalString("thread_id", aString)
	if err != nil || id == nil {
		return "", err
	}
	if !thread.ValidID(*id) {
		return "", fault.Field("thread_id", "thread_id must be 1 to 128 characters of A-Z, a-z, 0-9 and _.:-")
	}
	return param.FoldIDs(*id), nil
}
