package flexyagents

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/model"
)

// maxVisitor is the size of the largest visitor, in bytes of the request.
const maxVisitor = 4 << 10

// request is the body of a chat.
type request struct {
	raw      []byte
	history  []model.Message // the earlier messages
	text     string          // the user's latest message
	threadID string          // empty: a new thread
	visitor  json.RawMessage // empty: not sent
	stream   bool
}

func readRequest(r *http.Request) (request, error) {
	fields, err := body.Read(r)
	if err != nil {
		return request{}, err
	}
	fields = fields.Allow("messages", "stream", "thread_id", "visitor")
	q := request{raw: fields.Raw}
	messages, err := body.Messages(fields, "messages")
	if err != nil {
		return request{}, err
	}
	last := len(messages) - 1
	if err := body.CheckLast(fmt.Sprintf("messages[%d]", last), messages[last]); err != nil {
		return request{}, err
	}
	q.history, q.text = messages[:last], messages[last].Text
	if q.stream, err = fields.Bool("stream", false); err != nil {
		return request{}, err
	}
	if q.threadID, err = body.ThreadID(fields); err != nil {
		return request{}, err
	}
	q.visitor, err = fields.OptionalObject("visitor", maxVisitor)
	return q, err
}
