package flapjack

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/tmaxmax/go-sse"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/thread"
	"github.com/quintet-agents/quintet/shared/turn"
)

// listener implements all dependencies of the handlers and records their calls.
type listener struct{ reached []string }

func (*listener) Authenticate(context.Context, string) (identity.Caller, error) {
	return identity.Caller{OrgID: "org", KeyID: "key"}, nil
}

func (*listener) Origins(context.Context, string) ([]string, error) { return nil, nil }

func (*listener) Answered(context.Context, idempotency.Key) (*idempotency.Answer, error) {
	return nil, nil
}

func (l *listener) Run(_ context.Context, in turn.Input, s turn.Sink) (turn.Outcome, error) {
	l.reached = append(l.reached, in.ThreadID, in.Text)
	s.Start(turn.Opening{})
	return turn.Outcome{Turn: turn.Turn{ThreadID: in.ThreadID, User: in.Text}}, nil
}

func (l *listener) Live(_ context.Context, _, idOrSlug string) (agent.Live, error) {
	l.reached = append(l.reached, idOrSlug)
	return agent.Live{AgentID: idOrSlug}, nil
}

func (*listener) CreateThread(context.Context, *idempotency.Change, thread.Thread) error { return nil }

func (l *listener) Thread(_ context.Context, _, threadID string) (thread.Thread, error) {
	l.reached = append(l.reached, threadID)
	return thread.Thread{ID: threadID}, nil
}

func (l *listener) ThreadPlace(ctx context.Context, orgID, threadID string) (thread.Thread, error) {
	return l.Thread(ctx, orgID, threadID)
}

func (*listener) Threads(context.Context, string, string, *thread.Thread, int) ([]thread.Thread, error) {
	return nil, nil
}

func (*listener) TurnsAfter(context.Context, thread.Thread, int64, int) ([]turn.Turn, error) {
	return nil, nil
}

// No request crashes a handler: it reaches the dependencies with valid values, or is refused in the
// surface's form.
func FuzzRequest(f *testing.F) {
	f.Add("t.1", "limit=5&after=t", []byte(`{"content":"hi","agentId":"a"}`))
	f.Add("a b", "after=msg-1796004555894571a-0190d3c0-7a5e-7cc3-98c4-dc0c0c07398f", []byte(`{"content":[{"type":"text","text":"\ud83d\ude00"}]}`))
	f.Add("\xff", "limit=0&agentId=&after=%ff", []byte(`{"content":"\u0000","agentId":"\ud800"}`))
	f.Add("", "agentId=\x00", []byte("0"))
	f.Add("", "agentId="+strings.Repeat("x", 100), []byte("{"))
	f.Fuzz(func(t *testing.T, id, query string, body []byte) {
		l := &listener{}
		for _, h := range []http.Handler{
			MessageCreate(l, l), ThreadCreate(l, l, time.Now), MessageList(l, l), ThreadList(l, l), ThreadGet(l, l),
		} {
			r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(string(body)))
			r.URL.RawQuery = query
			r.SetPathValue("id", id)
			r.Header.Set("X-Api-Key", "any")
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code < http.StatusBadRequest {
				continue
			}
			var e failure
			if err := json.Unmarshal(w.Body.Bytes(), &e); err != nil || !utf8.Valid(w.Body.Bytes()) || e.Detail == "" {
				t.Errorf("got %d %q (%v), want valid JSON with a detail", w.Code, w.Body, err)
			}
			if e.Error != "VALIDATION_ERROR" && e.Error != "NOT_FOUND" && e.Error != "PAYLOAD_TOO_LARGE" {
				t.Errorf("got %s, want VALIDATION_ERROR, NOT_FOUND or PAYLOAD_TOO_LARGE", w.Body)
			}
		}
		for _, text := range l.reached {
			if !utf8.ValidString(text) || strings.ContainsRune(text, 0) || text == "" || len(text) > turn.MaxText {
				t.Errorf("got %q in a call, want valid text", text)
			}
		}
	})
}

// A third-party reader gets the exact texts of the model and its tools from the stream, no matter how
// they are cut into pieces and how the stream ends.
func FuzzStream(f *testing.F) {
	f.Add("hello there", "weather", "sunny", uint8(3), false)
	f.Add("a\n\ndata: x\r\revent: done\u2028\ufeff: \x00", "\n", "\u0085", uint8(1), true)
	f.Add("👩‍👩‍👧 שלום e\u0301 🇩🇪", "", "\xff", uint8(2), false)
	f.Fuzz(func(t *testing.T, text, tool, result string, size uint8, fails bool) {
		text, tool, result = strings.ToValidUTF8(text, "\ufffd"), strings.ToValidUTF8(tool, "\ufffd"), strings.ToValidUTF8(result, "\ufffd")
		use := turn.ToolUse{ID: tool, Name: tool, Input: json.RawMessage("{\n}"), Result: result}
		w := httptest.NewRecorder()
		s := &events{w: w}
		s.Start(turn.Opening{At: time.Unix(1_800_000_000, 0)})
		s.ToolCall(model.ToolCall{ID: tool, Name: tool, Input: use.Input})
		s.ToolRunning(model.ToolCall{Name: tool})
		s.ToolDone(use)
		for rest := []rune(text); len(rest) > 0; {
			n := min(int(size%8)+1, len(rest))
			s.Delta(string(rest[:n]))
			s.Beat()
			rest = rest[n:]
		}
		var failure error
		if fails {
			failure = &fault.Error{Code: fault.Internal, Message: text}
		}
		if err := s.end(t.Context(), turn.Turn{Assistant: text, Place: 1}, failure); err != nil {
			t.Fatal(err)
		}
		names, joined, done := hear(t, w.Body.String(), use)
		if joined != text || !fails && done.Content != text {
			t.Errorf("text %q: got deltas %q and done %q, want the text", text, joined, done.Content)
		}
		end := map[bool]string{false: "done", true: "error"}[fails]
		if want := "meta tool_call tool_executing tool_result " + strings.Repeat("token ", strings.Count(names, "token ")) + end + " "; names != want {
			t.Errorf("got events %q, want %q", names, want)
		}
	})
}

// hear reads a stream and returns the names of its events, the joined text and the last event.
func hear(t *testing.T, body string, use turn.ToolUse) (names, joined string, done doneEvent) {
	t.Helper()
	for e, err := range sse.Read(strings.NewReader(body), &sse.ReadConfig{MaxEventSize: 16 << 20}) {
		if err != nil {
			t.Fatal(err)
		}
		names += e.Type + " "
		var token tokenEvent
		var result toolResultEvent
		target := map[string]any{"token": &token, "tool_result": &result, "done": &done}[e.Type]
		if target == nil {
			target = new(map[string]any)
		}
		if err := json.Unmarshal([]byte(e.Data), target); err != nil {
			t.Fatalf("%s %q: %v", e.Type, e.Data, err)
		}
		joined += token.Delta
		if e.Type == "tool_result" && (result.ToolName != use.Name || result.Result != use.Result || result.ToolCallID != use.ID) {
			t.Errorf("got tool result %+v, want the one that was sent", result)
		}
	}
	return names, joined, done
}
