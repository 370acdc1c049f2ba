package flexyagents_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/quintet-agents/quintet/shared/api/flexyagents"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/turn"
)

// line is a line of a stream, with the fields of all kinds.
type line struct {
	Type      string
	ID        string
	ThreadID  string `json:"thread_id"`
	Content   string
	Name      string
	Arguments json.RawMessage
	Result    string
	Code      string
	Message   json.RawMessage
	Usage     usage
}

type usage struct {
	InputTokens  int         `json:"input_tokens"`
	OutputTokens int         `json:"output_tokens"`
	Credits      json.Number `json:"credits"`
}

type message struct{ Role, Content string }

type answer struct {
	ID       string
	AgentID  string `json:"agent_id"`
	ThreadID string `json:"thread_id"`
	Message  message
	Usage    usage
}

// linesOf splits a stream like Python's str.splitlines, which has the most kinds of line ends, and parses
// each line.
func linesOf(t *rapid.T, w *httptest.ResponseRecorder) []line {
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/x-ndjson" || !strings.HasSuffix(w.Body.String(), "\n") {
		t.Fatalf("got %d %v %q, want 200, application/x-ndjson and a newline at the end", w.Code, w.Header(), w.Body)
	}
	var all []line
	for s := range strings.FieldsFuncSeq(w.Body.String(), func(r rune) bool { return strings.ContainsRune("\n\r\v\f\x1c\x1d\x1e\u0085\u2028\u2029", r) }) {
		var l line
		if err := json.Unmarshal([]byte(s), &l); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		all = append(all, l)
	}
	return all
}

// heard is the content of a stream.
type heard struct {
	first, last line
	text        string // the deltas, joined
	tools       []line
}

// hear checks the order of a stream's lines: start, any others, and done or error as the last.
func hear(t *rapid.T, w *httptest.ResponseRecorder) heard {
	all := linesOf(t, w)
	if len(all) < 2 || all[0].Type != "start" || all[0].ID == "" || all[0].ThreadID == "" {
		t.Fatalf("got lines %+v, want start first", all)
	}
	h := heard{first: all[0], last: all[len(all)-1]}
	for _, l := range all[1 : len(all)-1] {
		switch l.Type {
		case "delta":
			h.text += l.Content
		case "tool_call", "tool_result":
			h.tools = append(h.tools, l)
		default:
			t.Fatalf("got line %+v in the middle, want a delta or a tool", l)
		}
	}
	if h.last.Type != "done" && h.last.Type != "error" {
		t.Fatalf("got last line %+v, want done or error", h.last)
	}
	return h
}

// The joined deltas, the last line, the non-streamed answer and the stored message have the same text, for
// any text and any cuts. A repeated request gets the same answer.
func TestChat_SameAnswerInAllForms(t *testing.T) {
	r := newRig(t)
	rapid.Check(t, func(t *rapid.T) {
		*r.script = drawScript(t)
		want := strings.Join(slices.Concat(r.script.rounds...), "")

		const streamed = `{"messages":[{"role":"user","content":"hi"}],"stream":true}`
		key := r.key()
		first := r.post(streamed, key)
		h := hear(t, first)
		if h.text != want {
			t.Fatalf("got deltas %q, want %q", h.text, want)
		}
		wantTools(t, *r.script, h.tools)
		wantEnd(t, *r.script, want, h.last)
		if want == "" && r.script.fails != nil {
			return // nothing was said, so nothing is kept
		}
		if kept := r.stored(t, h.first.ThreadID); kept.Assistant != want || kept.ID != h.first.ID {
			t.Fatalf("got stored answer %q of %s, want %q of %s", kept.Assistant, kept.ID, want, h.first.ID)
		}
		wantReplay(t, first, r.post(streamed, key))

		const whole = `{"messages":[{"role":"user","content":"hi"}]}`
		r.script.asked = 0
		key = r.key()
		first = r.post(whole, key)
		if r.script.fails != nil {
			if first.Code != http.StatusInternalServerError {
				t.Fatalf("got %d %s, want 500", first.Code, first.Body)
			}
			return
		}
		var a answer
		if err := json.Unmarshal(first.Body.Bytes(), &a); err != nil || first.Code != http.StatusOK {
			t.Fatalf("got %d (%v) %s, want 200 with JSON", first.Code, err, first.Body)
		}
		if d := cmp.Diff(answer{a.ID, r.agent.ID, a.ThreadID, message{"assistant", want}, h.last.Usage}, a); d != "" {
			t.Fatalf("the whole answer (-want +got):\n%s", d)
		}
		if kept := r.stored(t, a.ThreadID); kept.Assistant != want || kept.ID != a.ID {
			t.Fatalf("got stored answer %q of %s, want %q of %s", kept.Assistant, kept.ID, want, a.ID)
		}
		wantReplay(t, first, r.post(whole, key))
	})
}

func wantTools(t *rapid.T, s script, got []line) {
	var want []line
	for i := range len(s.rounds) - 1 {
		id := fmt.Sprint("call", i+1)
		want = append(want,
			line{Type: "tool_call", ID: id, Name: "look up", Arguments: json.RawMessage(`{"q":"\u2028\u0085"}`)},
			line{Type: "tool_result", ID: id, Name: "look up", Result: s.result})
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Fatalf("lines of tools (-want +got):\n%s", d)
	}
}

func wantEnd(t *rapid.T, s script, text string, got line) {
	if s.fails != nil {
		want := line{Type: "error", Code: "INTERNAL_ERROR", Message: json.RawMessage(`"Internal server error"`)}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("the last line (-want +got):\n%s", d)
		}
		return
	}
	var m message
	if err := json.Unmarshal(got.Message, &m); err != nil || m != (message{"assistant", text}) {
		t.Fatalf("got message %s in the last line, want %q", got.Message, text)
	}
}

func wantReplay(t *rapid.T, first, again *httptest.ResponseRecorder) {
	if first.Header().Get("Idempotency-Replayed") != "" || again.Header().Get("Idempotency-Replayed") != "true" {
		t.Fatalf("got headers %v first and %v again, want Idempotency-Replayed only again", first.Header(), again.Header())
	}
	if d := cmp.Diff(first.Body.String(), again.Body.String()); d != "" {
		t.Fatalf("the replay differs (-first +again):\n%s", d)
	}
}

// clusters has characters of several code points, which readers may cut or reorder, and characters that some
// readers treat as the end of a line.
var clusters = []string{
	"a", " ", "\n", "\r\n", "é", "e\u0301", "👩‍👩‍👧", "🇩🇪", "👍🏽", "שלום", "\u202eabc\u202c", "नि", "각", "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢",
	"\u2028", "\u2029", "\u0085", "\v", "\f", "\x1c", "\x1e", "\u0000", "\ufffd", "\ufeff", `\u2028`, `"`, `\`, "</script>", "𝒳", "\U0010ffff",
}

// drawScript draws an answer of several rounds, cut into pieces between any two code points.
func drawScript(t *rapid.T) script {
	texts := rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(clusters), rapid.StringN(1, 4, -1)), 0, 12)
	s := script{result: strings.Join(texts.Draw(t, "result"), "")}
	for range rapid.IntRange(1, 3).Draw(t, "rounds") {
		runes := []rune(strings.Join(texts.Draw(t, "text"), ""))
		var pieces []string
		for len(runes) > 0 {
			n := rapid.IntRange(1, len(runes)).Draw(t, "piece")
			pieces, runes = append(pieces, string(runes[:n])), runes[n:]
		}
		s.rounds = append(s.rounds, pieces)
	}
	if rapid.IntRange(0, 4).Draw(t, "fails") == 0 {
		s.fails = errors.New("a secret")
	}
	return s
}

// A refusal by the org's limits has a Retry-After, and names the monthly cap if one is reached.
func TestLimits(t *testing.T) {
	for name, c := range map[string]struct {
		limit func(*ledger.Account)
		want  string
	}{
		"messages": {
			func(a *ledger.Account) { a.Limits.MonthlyMessagesHosted = 1 },
			`{"error":{"code":"MESSAGE_LIMIT_REACHED","message":"The monthly limit of 1 messages is reached","details":{"limit":"messages"}}}`,
		},
		"tokens": {
			func(a *ledger.Account) { a.Limits.MonthlyTokensHosted = 10 },
			`{"error":{"code":"MESSAGE_LIMIT_REACHED","message":"The monthly limit of 10 tokens is reached","details":{"limit":"tokens"}}}`,
		},
		"rate": {
			func(a *ledger.Account) { a.Limits.RatePerMinute = 1 },
			`{"error":{"code":"RATE_LIMITED","message":"The organisation's limit of 1 requests per minute is reached"}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, c.limit)
			for _, stream := range []string{"true", "false"} {
				*r.script = script{rounds: [][]string{{"well"}}}
				body := `{"messages":[{"role":"user","content":"hi"}],"stream":` + stream + `}`
				w := r.post(body, "")
				if stream == "true" {
					if w.Code != http.StatusOK {
						t.Fatalf("first chat: got %d %s, want 200", w.Code, w.Body)
					}
					w = r.post(body, "")
				}
				if w.Code != http.StatusTooManyRequests || w.Body.String() != c.want || w.Header().Get("Retry-After") == "" {
					t.Errorf("stream %s: got %d %v %s, want 429 with Retry-After and %s", stream, w.Code, w.Header(), w.Body, c.want)
				}
			}
		})
	}
}

// The visitor stays on the thread until the client sends another one.
func TestVisitor(t *testing.T) {
	r := newRig(t)
	for _, c := range []struct{ sent, kept string }{
		{``, ``},
		{`,"visitor":{"id": "v-1", "more": [1, null]}`, `{"id": "v-1", "more": [1, null]}`},
		{`,"visitor":null`, `{"id": "v-1", "more": [1, null]}`},
		{`,"visitor":{"name":"Zo\u00eb 👩‍👩‍👧"}`, `{"name":"Zo\u00eb 👩‍👩‍👧"}`},
	} {
		*r.script = script{rounds: [][]string{{"well"}}}
		if w := r.post(`{"messages":[{"role":"user","content":"hi"}],"thread_id":"t"`+c.sent+`}`, ""); w.Code != http.StatusOK {
			t.Fatalf("got %d %s, want 200", w.Code, w.Body)
		}
		kept, err := r.Store.Thread(t.Context(), r.agent.OrgID, "t")
		if err != nil || string(kept.Visitor) != c.kept {
			t.Errorf("%s: got visitor %s (%v), want %s", c.sent, kept.Visitor, err, c.kept)
		}
	}
}

// told is a runner that sends a turn with heartbeats between any two events.
type told struct{ beats int }

func (r told) Run(_ context.Context, _ turn.Input, sink turn.Sink) (turn.Outcome, error) {
	beat := func() {
		for range r.beats {
			sink.Beat()
		}
	}
	sink.Start(turn.Opening{TurnID: "turn", ThreadID: "thread"})
	beat()
	sink.ToolCall(model.ToolCall{ID: "1", Name: "wait", Input: json.RawMessage(`{}`)})
	beat()
	sink.ToolDone(turn.ToolUse{ID: "1", Name: "wait", Result: "done"})
	beat()
	sink.Delta("a b")
	beat()
	return turn.Outcome{Turn: turn.Turn{Assistant: "a b"}}, nil
}

// Heartbeats do not change the lines that a reader sees: their number and their JSON are the same, and none
// is empty.
func TestLines_Heartbeat(t *testing.T) {
	tell := func(beats int) string {
		req := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`{"messages":[{"role":"user","content":"hi"}],"stream":true}`))
		req.Header.Set("Authorization", "Bearer key")
		req.SetPathValue("id", "agent")
		w := httptest.NewRecorder()
		flexyagents.ChatCreate(caller{}, told{beats}).ServeHTTP(w, req)
		return w.Body.String()
	}
	quiet, beating := tell(0), tell(3)
	if len(beating) != len(quiet)+4*3 {
		t.Errorf("got %d bytes, want %d with the heartbeats", len(beating), len(quiet)+4*3)
	}
	compact := ""
	for l := range strings.Lines(beating) {
		var b bytes.Buffer
		if err := json.Compact(&b, []byte(l)); err != nil {
			t.Errorf("%q: %v", l, err)
		}
		compact += b.String() + "\n"
	}
	if d := cmp.Diff(quiet, compact); d != "" {
		t.Errorf("(-quiet +beating):\n%s", d)
	}
}
