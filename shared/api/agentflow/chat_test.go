package agentflow

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/tmaxmax/go-sse"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/turn"
)

// played is a Runner that sends fixed events.
type played func(in turn.Input, sink turn.Sink) (turn.Outcome, error)

func (p played) Run(_ context.Context, in turn.Input, sink turn.Sink) (turn.Outcome, error) {
	return p(in, sink)
}

// caller is an Authenticator that accepts every credential for the same caller.
type caller identity.Caller

func (c caller) Authenticate(context.Context, string) (identity.Caller, error) {
	return identity.Caller(c), nil
}

func (c caller) Origins(context.Context, string) ([]string, error) { return nil, nil }

var bot = caller{OrgID: "org", KeyID: "key"}

// post sends a body to a chat whose Runner is p.
func post(t *testing.T, p played, body string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("POST /agents/{slug}/chat", ChatCreate(bot, p, "https://example.com/credits"))
	r := httptest.NewRequest(http.MethodPost, "/agents/guide-0a1b2c/chat", strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	if len(header) == 0 {
		r.Header.Set("X-Api-Key", "any")
	}
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	return w
}

// event is an event that a third-party library has parsed.
type event struct{ Name, Data string }

func read(t *testing.T, body string) []event {
	t.Helper()
	var all []event
	for e, err := range sse.Read(strings.NewReader(body), &sse.ReadConfig{MaxEventSize: 4 << 20}) {
		if err != nil {
			t.Fatalf("%v in %q", err, body)
		}
		all = append(all, event{e.Type, e.Data})
	}
	return all
}

var (
	opening = turn.Opening{TurnID: "t", ThreadID: "thread", Available: 12*ledger.Credit + 345_678, Hold: ledger.Credit / 2}
	draw    = model.ToolCall{ID: "1", Name: "draw", Input: json.RawMessage(`{"what":"cards"}`)}
)

func TestChat_Stream(t *testing.T) {
	w := post(t, func(_ turn.Input, s turn.Sink) (turn.Outcome, error) {
		used := turn.ToolUse{ID: draw.ID, Name: draw.Name, Input: draw.Input, Result: "{\"note\": \"x\",\n \"blocks\": [ {\"type\": \"card\", \"title\": \"<a>\"},\n{\"type\":\"list\"}]}"}
		s.Start(opening)
		s.Delta("Look:\n")
		s.ToolCall(draw)
		s.ToolRunning(draw)
		s.Beat()
		s.ToolDone(used)
		s.Delta(" \"there\"")
		return turn.Outcome{
			Turn:      turn.Turn{ThreadID: "thread", Assistant: "Look:\n \"there\"", Tools: []turn.ToolUse{used}},
			Available: 12 * ledger.Credit,
		}, nil
	}, `{"text":"hi"}`)

	answer := `"content":"Look:\n \"there\"","text":"Look:\n \"there\"","tools":[{"name":"draw","arguments":{"what":"cards"},` +
		`"result":"{\"note\": \"x\",\n \"blocks\": [ {\"type\": \"card\", \"title\": \"<a>\"},\n{\"type\":\"list\"}]}"}],"thread_id":"thread"`
	want := []event{
		{"status", `{"state":"thinking"}`},
		{"message", `"Look:\n"`},
		{"status", `{"state":"tool_start","tool":"draw"}`},
		{"status", `{"state":"tool_done","tool":"draw"}`},
		{"ui_blocks", `{"blocks":[{"type":"card","title":"<a>"},{"type":"list"}]}`},
		{"message", `" \"there\""`},
		{"done", "{" + answer + "}"},
		{"flow_meta", `{"balance_remaining":"12.000"}`},
	}
	if d := gocmp.Diff(want, read(t, w.Body.String())); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if n := strings.Count(w.Body.String(), ": keep-alive\n\n"); n != 1 {
		t.Errorf("got %d heartbeats, want 1", n)
	}
	wantHead(t, w, "text/event-stream; charset=utf-8")
}

func TestChat_NonStreamed(t *testing.T) {
	w := post(t, func(_ turn.Input, s turn.Sink) (turn.Outcome, error) {
		s.Start(opening)
		s.Delta("Hi")
		return turn.Outcome{Turn: turn.Turn{ThreadID: "thread", Assistant: "Hi"}, Available: 12 * ledger.Credit}, nil
	}, `{"text":"hi","stream":false}`)
	want := `{"content":"Hi","text":"Hi","tools":[],"thread_id":"thread","flow_balance_remaining":"12.000"}`
	if got := w.Body.String(); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	wantHead(t, w, "application/json")
}

// wantHead checks the status and headers of an answer.
func wantHead(t *testing.T, w *httptest.ResponseRecorder, contentType string) {
	t.Helper()
	want := map[string]string{
		"Content-Type": contentType, "X-Flow-Balance": "12.345", "X-Flow-Precharge": "0.500", "Idempotency-Replayed": "",
		"Access-Control-Allow-Origin": "*",
	}
	if w.Code != http.StatusOK {
		t.Errorf("got status %d, want 200", w.Code)
	}
	for name, value := range want {
		if got := w.Result().Header.Get(name); got != value {
			t.Errorf("%s: got %q, want %q", name, got, value)
		}
	}
}

// The headers of a replayed turn mark it as replayed, streamed or not.
func TestChat_ReplaySetsHeader(t *testing.T) {
	for _, body := range []string{`{"text":"hi"}`, `{"text":"hi","stream":false}`} {
		w := post(t, func(_ turn.Input, s turn.Sink) (turn.Outcome, error) {
			again := opening
			again.Replayed = true
			s.Start(again)
			return turn.Outcome{}, nil
		}, body)
		if got := w.Result().Header.Get("Idempotency-Replayed"); got != "true" {
			t.Errorf(`%s: got Idempotency-Replayed %q, want "true"`, body, got)
		}
	}
}

// failureOf returns an error with all details that a code may have.
func failureOf(code fault.Code) *fault.Error {
	return &fault.Error{Code: code, Message: "MESSAGE", Details: fault.Details{Balance: "0.250"}}
}

// A failure within a stream is an event, and the last event still has the balance.
func TestChat_StreamFailure(t *testing.T) {
	for _, code := range fault.Codes() {
		w := post(t, func(_ turn.Input, s turn.Sink) (turn.Outcome, error) {
			s.Start(opening)
			s.Delta("a")
			return turn.Outcome{Available: ledger.Credit}, failureOf(code)
		}, `{"text":"hi"}`)
		message := "MESSAGE"
		switch code {
		case fault.Internal:
			message = "Internal server error"
		case fault.Forbidden:
			message = "Agent not found"
		}
		want := []event{
			{"status", `{"state":"thinking"}`},
			{"message", `"a"`},
			{"error", fmt.Sprintf(`{"error":%q,"message":%q}`, cmp.Or(hidden[code], forms[code].Code), message)},
			{"flow_meta", `{"balance_remaining":"1.000"}`},
		}
		if d := gocmp.Diff(want, read(t, w.Body.String())); d != "" {
			t.Errorf("%s (-want +got):\n%s", code, d)
		}
	}
}

// hidden maps codes that the chat shows as another code.
var hidden = map[fault.Code]string{fault.Forbidden: "not_found"}

// A failure before the first byte, and any failure of a non-streamed answer, is an error answer.
func TestChat_TurnFailure(t *testing.T) {
	want := map[fault.Code]string{
		fault.Invalid:             `400 {"error":"invalid_request","message":"MESSAGE"}`,
		fault.Unauthorized:        `401 {"error":"invalid_api_key"}`,
		fault.InsufficientCredits: `402 {"error":"insufficient_flow","balance":"0.250","topup_url":"https://example.com/credits"}`,
		fault.Forbidden:           `404 {"error":"not_found"}`,
		fault.NotFound:            `404 {"error":"not_found"}`,
		fault.NotDeployed:         `404 {"error":"not_found","message":"MESSAGE"}`,
		fault.Gone:                `410 {"error":"agent_tombstoned"}`,
		fault.Conflict:            `409 {"error":"conflict","message":"MESSAGE"}`,
		fault.TooLarge:            `413 {"error":"payload_too_large","message":"MESSAGE"}`,
		fault.Unreadable:          `415 {"error":"unsupported_media_type","message":"MESSAGE"}`,
		fault.RateLimited:         `429 {"error":"rate_limited"}`,
		fault.LimitReached:        `429 {"error":"message_limit_reached"}`,
		fault.ModelUnavailable:    `503 {"error":"model_unavailable"}`,
		fault.ModelRefused:        `502 {"error":"auto_redeploy_failed"}`,
		fault.Internal:            `500 {"error":"internal_error"}`,
	}
	turns := map[string]struct {
		body string
		told func(turn.Sink)
	}{
		"stream, not begun":      {`{"text":"hi"}`, func(turn.Sink) {}},
		"whole, not begun":       {`{"text":"hi","stream":false}`, func(turn.Sink) {}},
		"whole, after some text": {`{"text":"hi","stream":false}`, func(s turn.Sink) { s.Start(opening); s.Delta("a") }},
	}
	for _, code := range fault.Codes() {
		for name, c := range turns {
			w := post(t, func(_ turn.Input, s turn.Sink) (turn.Outcome, error) {
				c.told(s)
				return turn.Outcome{}, failureOf(code)
			}, c.body)
			if got := fmt.Sprintf("%d %s", w.Code, w.Body); got != want[code] {
				t.Errorf("%s, %s: got %s, want %s", code, name, got, want[code])
			}
			later := w.Code == http.StatusTooManyRequests || w.Code == http.StatusServiceUnavailable
			if after := w.Result().Header.Get("Retry-After"); (after != "") != later {
				t.Errorf("%s, %s: got Retry-After %q, want one: %t", code, name, after, later)
			}
		}
	}
}

// A foreign page cannot chat with a browser's session. The error does not depend on the agent.
func TestChat_ForeignPage(t *testing.T) {
	w := post(t, func(turn.Input, turn.Sink) (turn.Outcome, error) {
		t.Error("the turn was run")
		return turn.Outcome{}, nil
	}, `{"text":"hi"}`, "Cookie", "af_session=any", "Origin", "https://elsewhere.example")
	if w.Code != http.StatusForbidden || !strings.HasPrefix(w.Body.String(), `{"error":"forbidden"`) {
		t.Errorf("got %d %s, want 403 with error forbidden", w.Code, w.Body)
	}
}

// Each form of the body gives the right input for the engine.
func TestChat_Input(t *testing.T) {
	streamed := turn.Input{
		Caller: identity.Caller(bot), Agent: "guide-0a1b2c", Own: true, Text: "hi", Channel: "agentflow", Balance: true,
	}
	with := func(change func(*turn.Input)) turn.Input {
		in := streamed
		change(&in)
		return in
	}
	for body, want := range map[string]turn.Input{
		`{"text":"hi"}`:                streamed,
		`{"text":"hi","stream":true}`:  streamed,
		`{"text":"hi","stream":null}`:  streamed,
		`{"text":"hi","stream":false}`: with(func(in *turn.Input) { in.Whole = true }),
		`{"text":"hi","thread_id":"a:b"}`: with(func(in *turn.Input) {
			in.Own, in.ThreadID = false, "a:b"
		}),
		`{"messages":[{"role":"user","content":"hi"}]}`: streamed,
		`{"messages":[{"role":"user","content":"no"},{"role":"user","content":[{"type":"text","text":"h"},{"type":"text","text":"i"}]},{"role":"assistant","content":""}]}`: streamed,
		`{"text":"hi","messages":[{"role":"user","content":"no"}]}`: streamed,
	} {
		var got turn.Input
		w := post(t, func(in turn.Input, s turn.Sink) (turn.Outcome, error) {
			got = in
			s.Start(opening)
			return turn.Outcome{}, nil
		}, body)
		if d := gocmp.Diff(want, got); d != "" || w.Code != http.StatusOK {
			t.Errorf("%s: %d (-want +got):\n%s", body, w.Code, d)
		}
	}
}

// A tool's result has blocks only if it is an object with a list of objects.
func TestBlocksOf(t *testing.T) {
	for result, want := range map[string]string{
		`{"blocks":[{"type":"card"}]}`:                   `{"type":"card"}`,
		"{\"blocks\":\n[ {\"a\":1} , {\"b\":[null]}\t]}": `{"a":1} {"b":[null]}`,
		`{"text":"no blocks"}`:                           "",
		`{"blocks":[]}`:                                  "",
		`{"blocks":null}`:                                "",
		`{"blocks":{"type":"card"}}`:                     "",
		`{"blocks":["card"]}`:                            "",
		`{"blocks":[{"type":"card"},null]}`:              "",
		`{"Blocks":[{"type":"card"}]}`:                   "",
		`[{"blocks":[{"type":"card"}]}]`:                 "",
		`{"blocks":[{"type":"card"}]`:                    "",
		`{"blocks":[{"type":"card"}]} and more`:          "",
		"{\"blocks\":[{\"type\":\"\xff\"}]}":             "",
		`blocks`:                                         "",
		``:                                               "",
		`{"blocks":[{"a":1}],"blocks":[{"b":2}]}`:        `{"b":2}`,
	} {
		var got []string
		for _, b := range blocksOf(turn.ToolUse{Result: result}) {
			got = append(got, string(b))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: got %q, want %q", result, got, want)
		}
	}
	if got := blocksOf(turn.ToolUse{Result: `{"blocks":[{"type":"card"}]}`, Failed: true}); got != nil {
		t.Errorf("got blocks %s from a failed tool, want none", got)
	}
}

// The link does not depend on the Host header or on forwarding headers.
func TestTopUpLink(t *testing.T) {
	for _, c := range []struct{ configured, base, want string }{
		{"https://pay.example.com/x?y=1", "https://api.example.com", "https://pay.example.com/x?y=1"},
		{"", "https://api.example.com", "https://api.example.com/console"},
		{"", "https://x.execute-api.eu-central-1.amazonaws.com/live", "https://x.execute-api.eu-central-1.amazonaws.com/live/console"},
		{"", "http://127.0.0.1:3000", "http://127.0.0.1:3000/console"},
		{"", "", "/console"},
	} {
		r := httptest.NewRequest(http.MethodPost, "/agents/a/chat", strings.NewReader(`{"text":"hi"}`))
		r.Host = "evil.example"
		r.Header.Set("X-Forwarded-Host", "evil.example")
		r.Header.Set("X-Forwarded-Proto", "gopher")
		r = r.WithContext(wire.WithBaseURL(r.Context(), c.base))
		if got := topUpLink(r.Context(), c.configured); got != c.want {
			t.Errorf("%+v: got %s, want %s", c, got, c.want)
		}
	}
}
