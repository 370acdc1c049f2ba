package thread_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/thread"
)

func TestNewID_ContainsAgent(t *testing.T) {
	const agent = "01a20ab6-84be-7499-a8d1-b4419275ad56"
	th := thread.New("org", agent, time.Now())
	if !thread.ValidID(th.ID) || thread.AgentHint(th.ID) != agent {
		t.Errorf("%s: got agent hint %q, want %q", th.ID, thread.AgentHint(th.ID), agent)
	}
	for _, id := range []string{"customer-42", "a.b", "", agent, "." + agent} {
		if hint := thread.AgentHint(id); hint != "" {
			t.Errorf("%q: got agent hint %q, want none", id, hint)
		}
	}
}

func TestValidID(t *testing.T) {
	for id, want := range map[string]bool{
		"a": true, "A-z_0.9:x": true, strings.Repeat("a", 128): true,
		"": false, strings.Repeat("a", 129): false, "a b": false, "ä": false, "a/b": false, "a#b": false, "a\n": false,
	} {
		if thread.ValidID(id) != want {
			t.Errorf("%q: got valid %t, want %t", id, !want, want)
		}
	}
}

// Message ids sort in the order of the messages, and round-trip.
func TestMessageIDs(t *testing.T) {
	number := rapid.Int64Range(1, 9_999_999_999)
	const turn = "01a20ab7-0128-7e7d-ae3d-ffcf7d6bbaa1"
	rapid.Check(t, func(t *rapid.T) {
		a, b := number.Draw(t, "a"), number.Draw(t, "b")
		first, second := thread.MessageID(a, model.User, turn), thread.MessageID(a, model.Assistant, turn)
		if first >= second || (a < b) != (second < thread.MessageID(b, model.User, turn)) {
			t.Fatalf("got %s, %s and turn %d not sorted, want them ascending", first, second, b)
		}
		n, role, err := thread.ParseMessageID("after", second)
		if err != nil || n != a || role != model.Assistant {
			t.Fatalf("%s: got %d, %s, %v; want %d, assistant", second, n, role, err, a)
		}
	})
	for _, bad := range []string{"", "msg-1", "msg-1796004555894571c-" + turn, "msg-1796004555894571a-" + turn + "x", "msg-179600455589457xa-" + turn} {
		if _, _, err := thread.ParseMessageID("after", bad); err == nil {
			t.Errorf("%q: got no error, want it refused as a message id", bad)
		}
	}
}

func TestTitleFrom(t *testing.T) {
	for text, want := range map[string]string{
		"Hello!":                        "Hello!",
		"  two\n\tlines ":               "two lines",
		strings.Repeat("ä", 80):         strings.Repeat("ä", 80),
		strings.Repeat("ä", 81):         strings.Repeat("ä", 79) + "…",
		strings.Repeat("a", 78) + " bc": strings.Repeat("a", 78) + "…",
	} {
		if got := thread.TitleFrom(text); got != want || utf8.RuneCountInString(got) > thread.MaxTitle {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// AgentHint ignores ids that a client chose, even in the form of NewID's.
func TestAgentHint(t *testing.T) {
	const id = "0190d3c0-7a5e-7cc3-98c4-dc0c0c07398f"
	for given, want := range map[string]string{
		id + ".x": id, id: "", "x." + id: "", "urn:uuid:" + id + ".x": "", strings.ReplaceAll(id, "-", "") + ".x": "", ".": "",
	} {
		if got := thread.AgentHint(given); got != want {
			t.Errorf("%s: got agent hint %q, want %q", given, got, want)
		}
	}
}
