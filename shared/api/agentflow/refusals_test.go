package agentflow

import (
	"testing"

	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/wiretest"
)

func TestReadChat_Refusals(t *testing.T) {
	const text = "text is required and must be a string unless messages is given"
	wiretest.WantRefusals(t, func(o body.Object) error { _, err := readChat(o); return err }, map[string]string{
		`{}`:                  text,
		`{"message":"hi"}`:    text + `; unknown field "message" (did you mean messages?); allowed: text, messages, thread_id, stream`,
		`{"text":null}`:       "text must be a string unless messages is given, not null",
		`{"text":1}`:          "text must be a string, not a number",
		`{"text":" "}`:        "text must not be blank",
		`{"messages":"hi"}`:   "messages must be a list of messages, not a string",
		`{"messages":[]}`:     "messages must have at least one message",
		`{"messages":["hi"]}`: "messages[0] must be an object, not a string",
		`{"messages":[{"rol":"user","content":"a"}]}`:                     `messages[0].role is required and must be user or assistant; unknown field "messages[0].rol" (did you mean messages[0].role?); allowed: messages[0].role, messages[0].content`,
		`{"messages":[{"role":1,"content":"a"}]}`:                         "messages[0].role must be user or assistant, not a number",
		`{"messages":[{"role":"system","content":"a"}]}`:                  "messages[0].role must be user or assistant: instructions belong to the agent",
		`{"messages":[{"role":"user","content":1}]}`:                      "messages[0].content must be a string or a list of text parts, not a number",
		`{"messages":[{"role":"user","content":["a"]}]}`:                  "messages[0].content[0] must be an object, not a string",
		`{"messages":[{"role":"user","content":[{"type":"image_url"}]}]}`: "messages[0].content[0].type must be text",
		`{"messages":[{"role":"user","content":[{"type":"text"}]}]}`:      "messages[0].content[0].text is required and must be a string",
		`{"messages":[{"role":"assistant","content":"a"}]}`:               "messages must have a message of the role user",
		`{"text":"hi","thread_id":1}`:                                     "thread_id must be a string, not a number",
		`{"text":"hi","thread_id":"/"}`:                                   "thread_id must be 1 to 128 characters of A-Z, a-z, 0-9 and _.:-",
		`{"text":"hi","stream":"no"}`:                                     "stream must be true or false, not a string",
	})
}

func TestReadKey_Refusals(t *testing.T) {
	wiretest.WantRefusals(t, func(o body.Object) error { _, err := readKey(o); return err }, map[string]string{
		`{}`:            "name is required and must be a string of 1 to 100 characters",
		`{"title":"a"}`: `name is required and must be a string of 1 to 100 characters; unknown field "title"; allowed: name`,
		`{"name":null}`: "name must be a string of 1 to 100 characters, not null",
		`{"name":[]}`:   "name must be a string of 1 to 100 characters, not a list",
	})
}
