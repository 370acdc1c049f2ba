package flapjack

import (
	"testing"

	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/wiretest"
)

func TestReadThread_Refusals(t *testing.T) {
	wiretest.WantRefusals(t, func(o body.Object) error { _, err := readThread(o); return err }, map[string]string{
		`{}`:               "agentId is required and must be the id or slug of an agent",
		`{"agent_id":"a"}`: `agentId is required and must be the id or slug of an agent; unknown field "agent_id" (did you mean agentId?); allowed: agentId`,
		`{"agentId":null}`: "agentId must be the id or slug of an agent, not null",
		`{"agentId":1}`:    "agentId must be the id or slug of an agent, not a number",
	})
}

func TestReadMessage_Refusals(t *testing.T) {
	wiretest.WantRefusals(t, func(o body.Object) error { _, err := readMessage(o); return err }, map[string]string{
		`{}`:                "content is required and must be a string or a list of text parts",
		`{"message":"hi"}`:  `content is required and must be a string or a list of text parts; unknown field "message"; allowed: content`,
		`{"content":{}}`:    "content must be a string or a list of text parts, not an object",
		`{"content":""}`:    "content must not be blank",
		`{"content":[" "]}`: "content[0] must be an object, not a string",
		`{"content":[{"typ":"text","text":"a"}]}`: `content[0].type is required and must be text; unknown field "content[0].typ" (did you mean content[0].type?); allowed: content[0].type, content[0].text`,
	})
}
