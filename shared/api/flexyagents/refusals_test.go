package flexyagents

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/wiretest"
)

func TestReadRequest_Refusals(t *testing.T) {
	read := func(o body.Object) error {
		_, err := readRequest(httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", bytes.NewReader(o.Raw)))
		return err
	}
	const hi = `{"messages":[{"role":"user","content":"hi"}]`
	wiretest.WantRefusals(t, read, map[string]string{
		`{}`:                    "messages is required and must be a list of messages",
		`{"mesages":[]}`:        `messages is required and must be a list of messages; unknown field "mesages" (did you mean messages?); allowed: messages, stream, thread_id, visitor`,
		`{"messages":{}}`:       "messages must be a list of messages, not an object",
		`{"messages":[]}`:       "messages must have at least one message",
		`{"messages":[null]}`:   "messages[0] must be an object, not null",
		hi + `,"stream":1}`:     "stream must be true or false, not a number",
		hi + `,"thread_id":""}`: "thread_id must be 1 to 128 characters of A-Z, a-z, 0-9 and _.:-",
		hi + `,"visitor":"v"}`:  "visitor must be an object of at most 4096 bytes, not a string",
		`{"messages":[{"role":"assistant","content":"a"}]}`: "messages[0].role must be user: it is the last message that is answered",
	})
}
