package streaming_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/tests/rig"
)

// A page of a thread's messages may exceed the 6 MB of a buffered Lambda answer.
func TestMessages_LongList(t *testing.T) {
	r := rig.Start(t, 10_000*ledger.Credit)
	id := r.Thread(t)
	const turns, size = 30, 120 << 10
	for i := range turns {
		text := fmt.Sprintf("%03d", i) + strings.Repeat("x", size)
		if _, err := io.Copy(io.Discard, post(t, r, "/api/threads/"+id+"/messages", map[string]any{"content": text})); err != nil {
			t.Fatal(err)
		}
	}
	body, err := io.ReadAll(send(t, r, http.MethodGet, "/api/threads/"+id+"/messages?limit=100", nil))
	if err != nil || len(body) < 2*turns*size {
		t.Fatalf("got %d bytes, %v, want at least %d", len(body), err, 2*turns*size)
	}
	var messages []struct{ Role, Content string }
	if err := json.Unmarshal(body, &messages); err != nil {
		t.Fatal(err)
	}
	for i, m := range messages {
		want, role := fmt.Sprintf("%03dx", i/2), "user"
		if i%2 == 1 {
			want, role = "You said: "+want, "assistant"
		}
		if m.Role != role || !strings.HasPrefix(m.Content, want) {
			t.Errorf("message %d: got %s: %.20s, want %s: %s", i, m.Role, m.Content, role, want)
		}
	}
	if len(messages) != 2*turns {
		t.Errorf("got %d messages, want %d", len(messages), 2*turns)
	}
}
