package contract_test

import "testing"

// forPages are the functions whose answers a page of another origin may read:
// what a chat in a page needs. Who manages agents is no page.
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

// checkPages looks whether a page could read an answer. Preflights are answered
// for every path, so it is the answers that decide; and refusals are answers,
// too: a page that cannot read one does not know why.
func checkPages(t *testing.T, x exchange, a answer) {
	t.Helper()
	want := ""
	if forPages[x.function] {
		want = "*"
	}
	if got := a.Header.Get("Access-Control-Allow-Origin"); got != want {
		t.Errorf("the allowed origin is %q, want %q: see forPages", got, want)
	}
}
