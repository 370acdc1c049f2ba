package agentflow

import (
	"fmt"
	"slices"

	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/model"
)

// chat is the body of a chat request.
type chat struct {
	text     string
	threadID string // empty: the caller's own with the agent
	stream   bool
}

func readChat(fields body.Object) (chat, error) {
	fields = fields.Allow("text", "messages", "thread_id", "stream")
	text, err := readText(fields)
	if err != nil {
		return chat{}, err
	}
	threadID, err := body.ThreadID(fields)
	if err != nil {
		return chat{}, err
	}
	stream, err := fields.Bool("stream", true)
	return chat{text: text, threadID: threadID, stream: stream}, err
}

// readText returns the user's message: `text`, or the last message of the user in `messages`.
// The other messages are ignored, because the server has the history.
func readText(fields body.Object) (string, error) {
	var messages []model.Message
	if fields.Has("messages") {
		var err error
		if messages, err = body.Messages(fields, "messages"); err != nil {
			return "", err
		}
	}
	if fields.Has("text") {
		text, err := fields.String("text", "must be a string")
		if err != nil {
			return "", err
		}
		return text, body.CheckText("text", text)
	}
	if messages == nil {
		return "", fields.Missing("text", "must be a string unless messages is given")
	}
	for i, m := range slices.Backward(messages) {
		if m.Role == model.User {
			return m.Text, body.CheckText(fmt.Sprintf("messages[%d].content", i), m.Text)
		}
	}
	return "", fault.Field("messages", "messages must have a message of the role user")
}
