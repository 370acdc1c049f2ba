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

// A page of a thread's messages may be longer than the 6 MB that Lambda buffers
// of an answer.
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
		t.Fatalf("%d bytes, %v", len(body), err)
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
			t.Errorf("message %d is %s: %.20s", i, m.Role, m.Content)
		}
	}
	if len(messages) != 2*turns {
		t.Errorf("%d messages", len(messages))
	}
}
