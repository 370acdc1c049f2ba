package flowgent

import (
	"testing"

	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/wiretest"
)

func TestQuestionOf_Refusals(t *testing.T) {
	const rule = "must be a string, a message or a list of messages"
	wiretest.WantRefusals(t, func(o body.Object) error { _, err := questionOf(o); return err }, map[string]string{
		`{}`:                "messages is required and " + rule,
		`{"message":"hi"}`:  "messages is required and " + rule + `; unknown field "message" (did you mean messages?); allowed: messages, thread_id, callback_url`,
		`{"messages":null}`: "messages " + rule + ", not null",
		`{"messages":1}`:    "messages " + rule + ", not a number",
		`{"messages":""}`:   "messages must not be blank",
		`{"messages":{"role":"assistant","content":"a"}}`: "messages.role must be user: it is the last message that is answered",
		`{"messages":[{"role":"user"}]}`:                  "messages[0].content is required and must be a string or a list of text parts",
		`{"messages":"a","callback_url":1}`:               "callback_url must be an http or https URL of at most 2048 bytes, not a number",
		`{"messages":"a","callback_url":""}`:              "callback_url must be an http or https URL of at most 2048 bytes",
		`{"messages":"a","thread_id":[]}`:                 "thread_id must be a string, not a list",
	})
}
