package contract_test

import "testing"

// forPages are the functions whose answers pages of other origins may read: those that a chat in a
// page needs, not those that manage agents.
var forPages = map[string]bool{
	"agentflow-chat-create":   true,
	"flapjack-message-create": true,
	"flapjack-message-list":   true,
	"flapjack-thread-create":  true,
	"flapjack-thread-get":     true,
	"flapjack-thread-list":    true,
	"flexyagents-chat-create": true,
	"flowgent-chat-create":    true,
	"openapi-get":             true,
}

// checkPages checks whether a page could read an answer. Every path answers preflights, so the
// answers decide. Refusals are answers too: a page that cannot read one cannot know its reason.
func checkPages(t *testing.T, x exchange, a answer) {
	t.Helper()
	want := ""
	if forPages[x.function] {
		want = "*"
	}
	if got := a.Header.Get("Access-Control-Allow-Origin"); got != want {
		t.Errorf("got allowed origin %q, want %q: see forPages", got, want)
	}
}
