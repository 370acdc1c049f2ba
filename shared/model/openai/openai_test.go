package openai_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/apikey"
	"github.com/quintet-agents/quintet/shared/model/modeltest"
	"github.com/quintet-agents/quintet/shared/model/openai"
	"github.com/quintet-agents/quintet/shared/model/watch"
)

func TestProvider(t *testing.T) {
	modeltest.Exercise(t, func(t *testing.T, wait modeltest.Wait) model.Provider {
		return serve(t, fake{wait: wait})
	})
}

func serve(t *testing.T, h http.Handler) *openai.Provider {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return openai.New(server.URL+"/v1", apikey.Fixed("secret"), &http.Client{Transport: transport}, watch.Default)
}

// Each error status, with each form of body, has the right fault code.
func TestProvider_ErrorStatuses(t *testing.T) {
	for _, tc := range []struct {
		status  int
		headers string
		body    string
		want    fault.Code
		retry   time.Duration
	}{
		{401, "", `{"error":{"message":"Incorrect API key provided","code":"invalid_api_key"}}`, fault.ModelRefused, 0},
		{403, "", `{"error":{"message":"Project has no access to model","code":"model_not_found"}}`, fault.ModelRefused, 0},
		{404, "", `{"error":{"message":"model 'x' not found","type":"not_found_error"}}`, fault.ModelRefused, 0},
		{404, "", "404 page not found", fault.ModelRefused, 0},
		{400, "", `{"error":{"message":"x is not a valid model ID","code":400}}`, fault.ModelRefused, 0},
		{400, "", `{"object":"error","message":"Invalid model: x","type":"invalid_model","code":"1500"}`, fault.ModelRefused, 0},
		{400, "", `{"error":{"message":"gone","code":"model_decommissioned"}}`, fault.ModelRefused, 0},
		{400, "", `{"error":"the model x does not exist"}`, fault.ModelRefused, 0},
		{400, "", `{"error":{"message":"'messages' is too short"}}`, fault.Internal, 0},
		{422, "", `{"detail":[]}`, fault.Internal, 0},
		{429, "Retry-After: 17", `{"error":{"message":"Rate limit reached"}}`, fault.ModelUnavailable, 17 * time.Second},
		{429, "", "", fault.ModelUnavailable, 5 * time.Second},
		{503, "Retry-After: soon", "<html>busy</html>", fault.ModelUnavailable, 5 * time.Second},
		{502, "", "<html>bad gateway</html>", fault.ModelUnavailable, 5 * time.Second},
		{504, "", "", fault.ModelUnavailable, 5 * time.Second},
		{500, "", `{"error":{"message":"oops"}}`, fault.Internal, 0},
		{200, "", "", fault.Internal, 0},
		{200, "", "<html>hello</html>", fault.Internal, 0},
	} {
		t.Run(fmt.Sprint(tc.status, tc.headers, tc.body), func(t *testing.T) {
			p := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Should-Retry", "false")
				if name, value, ok := strings.Cut(tc.headers, ": "); ok {
					w.Header().Set(name, value)
				}
				w.WriteHeader(tc.status)
				_, _ = io.WriteString(w, tc.body)
			}))
			_, err := p.Converse(t.Context(), modeltest.Ask("hello"))
			checkFault(t, err, tc.want, tc.retry)
			_, err = modeltest.Collect(t.Context(), p, modeltest.Ask("hello"))
			checkFault(t, err, tc.want, tc.retry)
		})
	}
}

func checkFault(t *testing.T, err error, want fault.Code, retry time.Duration) {
	t.Helper()
	if f := fault.From(err); f == nil || f.Code != want || f.RetryAfter != retry {
		t.Errorf("got error %#v, want %s with Retry-After %v", f, want, retry)
	}
}

// A connection error is retried twice and then reported as ModelUnavailable.
func TestProvider_Unreachable(t *testing.T) {
	for _, cause := range []error{
		&net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED},
		syscall.ECONNRESET,
		io.EOF,
	} {
		t.Run(cause.Error(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				attempts := 0
				p := openai.New("http://model.invalid/v1", apikey.Fixed(""), &http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
					attempts++
					return nil, cause
				})}, watch.Default)
				_, err := p.Converse(t.Context(), modeltest.Ask("hello"))
				checkFault(t, err, fault.ModelUnavailable, 5*time.Second)
				if attempts != 3 {
					t.Errorf("got %d attempts, want 3", attempts)
				}
			})
		})
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// These streams have forms that real servers send.
func TestProvider_Streams(t *testing.T) {
	chunk := func(choice string) string { return `data: {"choices":[` + choice + `],"usage":null}` + "\n\n" }
	text := func(s string) string {
		return chunk(`{"index":0,"delta":{"content":"` + s + `"},"finish_reason":null}`)
	}
	finish := func(s string) string { return chunk(`{"index":0,"delta":{},"finish_reason":"` + s + `"}`) }
	tool := func(s string) string { return chunk(`{"index":0,"delta":{"tool_calls":[` + s + `]}}`) }
	const usage = `data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}` + "\n\n"
	const done = "data: [DONE]\n\n"
	counts := func(usage string) string { return `data: {"choices":[],"usage":` + usage + "}\n\n" }
	counted := &model.Usage{Input: 3, Output: 2}

	for _, tc := range []struct {
		name   string
		stream string
		want   []model.Event
		fault  fault.Code
	}{
		{
			"whole", text("a") + finish("stop") + usage + done,
			[]model.Event{model.Opened{}, model.TextDelta("a"), model.Finished{Stop: model.StopEnd, Usage: counted}},
			"",
		},
		{
			"reasoning tokens", text("a") + finish("stop") + counts(`{"prompt_tokens":3,"completion_tokens":9,"completion_tokens_details":{"reasoning_tokens":7}}`) + done,
			[]model.Event{model.Opened{}, model.TextDelta("a"), model.Finished{Stop: model.StopEnd, Usage: &model.Usage{Input: 3, Output: 9, Reasoning: 7}}},
			"",
		},
		{
			"a negative count", text("a") + finish("stop") + counts(`{"prompt_tokens":3,"completion_tokens":-9}`) + done,
			[]model.Event{model.Opened{}, model.TextDelta("a"), model.Finished{Stop: model.StopEnd}},
			"",
		},
		{
			"a count of 461168601842739", text("a") + finish("stop") + counts(`{"prompt_tokens":3,"completion_tokens":461168601842739}`) + done,
			[]model.Event{model.Opened{}, model.TextDelta("a"), model.Finished{Stop: model.StopEnd}},
			"",
		},
		{
			"no usage, no end", text("a") + finish("stop"),
			[]model.Event{model.Opened{}, model.TextDelta("a"), model.Finished{Stop: model.StopEnd}},
			"",
		},
		{
			"broken after the finish", text("a") + finish("stop") + "data: {\"choi\n\n",
			[]model.Event{model.Opened{}, model.TextDelta("a"), model.Finished{Stop: model.StopEnd}},
			"",
		},
		{"cut off", text("a"), []model.Event{model.Opened{}, model.TextDelta("a")}, fault.Internal},
		{
			"done without a reason", text("a") + usage + done,
			[]model.Event{model.Opened{}, model.TextDelta("a"), model.Finished{Stop: model.StopOther, Usage: counted}},
			"",
		},
		{
			"comments and filters", ": keep-alive\n\n" + text("a") + finish("content_filter") + done,
			[]model.Event{model.Opened{}, model.TextDelta("a"), model.Finished{Stop: model.StopOther}},
			"",
		},
		{
			"busy in the middle", text("a") + `data: {"error":{"message":"overloaded","code":429}}` + "\n\n",
			[]model.Event{model.Opened{}, model.TextDelta("a")},
			fault.ModelUnavailable,
		},
		{
			"calls in pieces", tool(`{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}}`) +
				tool(`{"index":1,"id":"b","type":"function","function":{"name":"g","arguments":"{\"x\""}}`) +
				tool(`{"index":1,"function":{"arguments":": [1]}"}}`) + finish("tool_calls") + usage + done,
			[]model.Event{
				model.Opened{},
				model.ToolCall{ID: "a", Name: "f", Input: json.RawMessage(`{}`)},
				model.ToolCall{ID: "b", Name: "g", Input: json.RawMessage(`{"x":[1]}`)},
				model.Finished{Stop: model.StopTools, Usage: counted},
			},
			"",
		},
		{
			"all numbered 0 and stopped", tool(`{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}`) +
				tool(`{"index":0,"id":"b","function":{"name":"f","arguments":"{}"}}`) + finish("stop") + done,
			[]model.Event{
				model.Opened{},
				model.ToolCall{ID: "a", Name: "f", Input: json.RawMessage(`{}`)},
				model.ToolCall{ID: "b", Name: "f", Input: json.RawMessage(`{}`)},
				model.Finished{Stop: model.StopTools},
			},
			"",
		},
		{
			"a call cut short", tool(`{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\": \"y"}}`) + finish("length") + done,
			[]model.Event{model.Opened{}, model.Finished{Stop: model.StopLength}},
			"",
		},
		{
			"a call that is none", tool(`{"index":0,"id":"a","function":{"name":"f","arguments":"x=1"}}`) + finish("tool_calls") + done,
			[]model.Event{model.Opened{}, model.ToolCall{ID: "a", Name: "f", Input: json.RawMessage(`{}`), Malformed: true}, model.Finished{Stop: model.StopTools}},
			"",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/event-stream")
				_, _ = io.WriteString(w, tc.stream)
			}))
			events, err := modeltest.Collect(t.Context(), p, modeltest.Ask("hello"))
			if diff := cmp.Diff(tc.want, events, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
			if tc.fault == "" && err != nil || tc.fault != "" && !fault.Is(err, tc.fault) {
				t.Errorf("got error %v, want %q", err, tc.fault)
			}
		})
	}
}

// A call without an id gets one.
func TestProvider_CallWithoutID(t *testing.T) {
	p := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, object{"choices": []object{{"index": 0, "finish_reason": "stop", "message": object{
			"role": "assistant", "content": nil,
			"tool_calls": []object{{"type": "function", "function": object{"name": "f", "arguments": ""}}},
		}}}})
	}))
	got, err := p.Converse(t.Context(), modeltest.Ask("hello"))
	if err != nil {
		t.Fatal(err)
	}
	if len(got.ToolCalls) != 1 || got.ToolCalls[0].ID == "" || got.Stop != model.StopTools || got.Usage != nil {
		t.Errorf("got %+v, want StopTools, one call with an id, and no usage", got)
	}
}

// A reasoning model gets max_completion_tokens and no temperature.
func TestDialect_ReasoningModel(t *testing.T) {
	var bodies []map[string]any
	p := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body map[string]any
		_ = json.NewDecoder(r.Body).Decode(&body)
		bodies = append(bodies, body)
		w.Header().Set("X-Should-Retry", "false")
		switch {
		case body["max_tokens"] != nil:
			reply(w, http.StatusBadRequest, object{"error": object{"message": "Use 'max_completion_tokens' instead.", "param": "max_tokens", "code": "unsupported_parameter"}})
		case body["temperature"] != nil:
			reply(w, http.StatusBadRequest, object{"error": object{"message": "Only the default is supported.", "param": "temperature", "code": "unsupported_value"}})
		default:
			fake{}.whole(w, r, answer("hello"))
		}
	}))
	got, err := p.Converse(t.Context(), modeltest.Ask("hello"))
	if err != nil || got.Text != "hello" {
		t.Fatalf("got %+v, error %v, want hello", got, err)
	}
	if len(bodies) != 3 || bodies[2]["max_completion_tokens"] != 1000.0 {
		t.Errorf("got requests %v, want the third with max_completion_tokens", bodies)
	}
}

// The request on the wire has OpenAI's form.
func TestProvider_Request(t *testing.T) {
	var got, authorization string
	p := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got, authorization = string(body), r.Header.Get("Authorization")
		fake{}.whole(w, r, answer("hello"))
	}))
	_, err := p.Converse(t.Context(), model.Request{
		Model: "m", System: "Be brief.", MaxTokens: 7, Temperature: 0, Stop: []string{"END", "\n"},
		Messages: []model.Message{
			{Role: model.User, Text: "one"},
			{Role: model.User, Text: "two"},
			{Role: model.Assistant, ToolCalls: []model.ToolCall{{ID: "a", Name: "f", Input: json.RawMessage(`{"x":1}`)}}},
			{Role: model.User, ToolResults: []model.ToolResult{{CallID: "a", Text: "", Failed: true}}},
		},
		Tools: []model.Tool{{Name: "f", Schema: json.RawMessage(`{"type":"object","properties":{"z":{},"a":{}}}`)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"messages":[{"role":"system","content":"Be brief."},` +
		`{"role":"user","content":[{"type":"text","text":"one"},{"type":"text","text":"two"}]},` +
		`{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}}]},` +
		`{"role":"tool","tool_call_id":"a","content":""}],` +
		`"model":"m","max_tokens":7,"temperature":0,"stop":["END","\n"],` +
		`"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"z":{},"a":{}}}}}]}`
	if diff := cmp.Diff(decode(t, want), decode(t, got)); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
	if !strings.Contains(got, `{"z":{},"a":{}}`) {
		t.Errorf("got %s, want the schema's properties in their order", got)
	}
	if authorization != "Bearer secret" {
		t.Errorf("got Authorization %q, want %q", authorization, "Bearer secret")
	}
}

func decode(t *testing.T, s string) (v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		t.Fatalf("%v in %s", err, s)
	}
	return v
}
