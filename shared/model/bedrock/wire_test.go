package bedrock_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/modeltest"
)

// Each of Bedrock's errors has the right fault code.
func TestProvider_ErrorStatuses(t *testing.T) {
	for _, tc := range []struct {
		status  int
		code    string
		message string
		want    fault.Code
	}{
		{429, "ThrottlingException", "Too many tokens, please wait before trying again.", fault.ModelUnavailable},
		{429, "ModelNotReadyException", "The model is not ready.", fault.ModelUnavailable},
		{408, "ModelTimeoutException", "The model took too long.", fault.ModelUnavailable},
		{400, "ServiceQuotaExceededException", "Your quota is used up.", fault.ModelUnavailable},
		{503, "ServiceUnavailableException", "Try again.", fault.ModelUnavailable},
		{503, "", "", fault.ModelUnavailable},
		{502, "", "", fault.ModelUnavailable},
		{404, "ResourceNotFoundException", "This model version has reached the end of its life.", fault.ModelRefused},
		{403, "AccessDeniedException", "You don't have access to the model with the specified model ID.", fault.ModelRefused},
		{400, "ValidationException", "The provided model identifier is invalid.", fault.ModelRefused},
		{400, "ValidationException", "Invocation of model ID x with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an inference profile that contains this model.", fault.ModelRefused},
		{400, "ValidationException", "The provided model doesn't support on-demand throughput.", fault.ModelRefused},
		{400, "ValidationException", "A conversation must start with a user message.", fault.Internal},
		{403, "UnrecognizedClientException", "The security token included in the request is invalid.", fault.Internal},
		{400, "ValidationException", "Input is too long for requested model.", fault.Invalid},
		{400, "ValidationException", "Too many input tokens. Max input tokens: 8192, request input token count: 9000", fault.Invalid},
		{424, "ModelErrorException", "The model failed.", fault.Internal},
		{500, "InternalServerException", "Oops.", fault.Internal},
		{500, "", "", fault.Internal},
	} {
		t.Run(fmt.Sprint(tc.status, tc.code, tc.message), func(t *testing.T) {
			p := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Amzn-Errortype", tc.code)
				w.WriteHeader(tc.status)
				if tc.code == "" {
					_, _ = io.WriteString(w, "<html>an intermediary</html>")
					return
				}
				_ = json.NewEncoder(w).Encode(map[string]string{"message": tc.message})
			}))
			_, err := p.Converse(t.Context(), modeltest.Ask("hello"))
			checkFault(t, err, tc.want)
			_, err = modeltest.Collect(t.Context(), p, modeltest.Ask("hello"))
			checkFault(t, err, tc.want)
		})
	}
}

func checkFault(t *testing.T, err error, want fault.Code) {
	t.Helper()
	f := fault.From(err)
	if f == nil || f.Code != want || (want == fault.ModelUnavailable) != (f.RetryAfter == 5*time.Second) {
		t.Errorf("got error %#v, want %s", f, want)
	}
}

func TestProvider_Unreachable(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	_, err := connect(t, server.URL).Converse(t.Context(), modeltest.Ask("hello"))
	checkFault(t, err, fault.ModelUnavailable)

	// The server closes the connection instead of answering.
	p := serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	_, err = modeltest.Collect(t.Context(), p, modeltest.Ask("hello"))
	checkFault(t, err, fault.ModelUnavailable)
}

func TestProvider_NoModel(t *testing.T) {
	p := connect(t, "http://model.invalid")
	_, err := p.Converse(t.Context(), model.Request{})
	checkFault(t, err, fault.ModelRefused)
	_, err = modeltest.Collect(t.Context(), p, model.Request{})
	checkFault(t, err, fault.ModelRefused)
}

// These streams have forms that package scripted never sends.
func TestProvider_Streams(t *testing.T) {
	start := frame(t, "event", "messageStart", `{"role":"assistant"}`)
	text := frame(t, "event", "contentBlockDelta", `{"contentBlockIndex":0,"delta":{"text":"a"}}`)
	stop := frame(t, "event", "messageStop", `{"stopReason":"end_turn"}`)
	stopped := func(reason string) []byte { return frame(t, "event", "messageStop", `{"stopReason":"`+reason+`"}`) }
	metadata := frame(t, "event", "metadata", `{"usage":{"inputTokens":3,"outputTokens":2,"totalTokens":15,"cacheReadInputTokens":4,"cacheWriteInputTokens":6},"metrics":{"latencyMs":1}}`)
	tool := func(index int, id string, pieces ...string) []byte {
		b := frame(t, "event", "contentBlockStart", fmt.Sprintf(`{"contentBlockIndex":%d,"start":{"toolUse":{"toolUseId":%q,"name":"f"}}}`, index, id))
		for _, piece := range pieces {
			b = append(b, frame(t, "event", "contentBlockDelta", fmt.Sprintf(`{"contentBlockIndex":%d,"delta":{"toolUse":{"input":%q}}}`, index, piece))...)
		}
		return append(b, frame(t, "event", "contentBlockStop", fmt.Sprintf(`{"contentBlockIndex":%d}`, index))...)
	}
	piece := func(text string) []byte {
		return frame(t, "event", "contentBlockDelta", `{"contentBlockIndex":0,"delta":{"text":"`+text+`"}}`)
	}
	input := func(text string) []byte {
		return frame(t, "event", "contentBlockDelta", `{"contentBlockIndex":0,"delta":{"toolUse":{"input":"`+text+`"}}}`)
	}
	exception := func(name string) []byte { return frame(t, "exception", name, `{"message":"no"}`) }
	opened, a := model.Opened{}, model.TextDelta("a")
	call := func(id, input string) model.ToolCall {
		return model.ToolCall{ID: id, Name: "f", Input: json.RawMessage(input)}
	}

	for _, tc := range []struct {
		name   string
		stream [][]byte
		want   []model.Event
		fault  fault.Code
	}{
		{"cached input counts", [][]byte{start, text, stop, metadata}, []model.Event{opened, a, model.Finished{Stop: model.StopEnd, Usage: &model.Usage{Input: 13, Output: 2}}}, ""},
		{"a negative count", [][]byte{start, text, stop, frame(t, "event", "metadata", `{"usage":{"inputTokens":3,"outputTokens":-2}}`)}, []model.Event{opened, a, model.Finished{Stop: model.StopEnd}}, ""},
		{"no metadata", [][]byte{start, text, stop}, []model.Event{opened, a, model.Finished{Stop: model.StopEnd}}, ""},
		{"broken after the stop", [][]byte{start, text, stop, metadata[:20]}, []model.Event{opened, a, model.Finished{Stop: model.StopEnd}}, ""},
		{"failed after the stop", [][]byte{start, text, stop, exception("internalServerException")}, []model.Event{opened, a, model.Finished{Stop: model.StopEnd}}, ""},
		{"cut off", [][]byte{start, text}, []model.Event{opened, a}, fault.Internal},
		{"cut off in a frame", [][]byte{start, text, stop[:len(stop)-3]}, []model.Event{opened, a}, fault.Internal},
		{"nothing", nil, nil, fault.Internal},
		{"corrupt", [][]byte{start, bytes.ToUpper(text)}, []model.Event{opened}, fault.Internal},
		{"throttled", [][]byte{start, exception("throttlingException")}, []model.Event{opened}, fault.ModelUnavailable},
		{"unavailable", [][]byte{start, exception("serviceUnavailableException")}, []model.Event{opened}, fault.ModelUnavailable},
		{"not in the SDK's list", [][]byte{start, exception("modelTimeoutException")}, []model.Event{opened}, fault.ModelUnavailable},
		{"internal", [][]byte{start, exception("internalServerException")}, []model.Event{opened}, fault.Internal},
		{"validation", [][]byte{start, exception("validationException")}, []model.Event{opened}, fault.Internal},
		{
			"cut characters",
			[][]byte{
				start, piece("a\xF0\x9F"), piece("\x98\x80\xC3"), piece("\xA9"), piece(`b\ud83d`), piece(`\ude00`), piece(`\u0000`), piece("\xE2\x82"), stop,
			},
			[]model.Event{
				opened, model.TextDelta("a"), model.TextDelta("😀"), model.TextDelta("é"), model.TextDelta("b"), model.TextDelta("😀"), model.TextDelta("\x00"),
				model.TextDelta("\uFFFD"),
				model.Finished{Stop: model.StopEnd},
			},
			"",
		},
		{
			"cut characters of a call",
			[][]byte{
				start, frame(t, "event", "contentBlockStart", `{"contentBlockIndex":0,"start":{"toolUse":{"toolUseId":"x","name":"f"}}}`),
				input(`{\"a\":\"` + "\xF0\x9F"), input("\x98\x80"), input(`\ud83d`), input(`\ude00\"}`),
				frame(t, "event", "contentBlockStop", `{"contentBlockIndex":0}`), stopped("tool_use"),
			},
			[]model.Event{opened, call("x", `{"a":"😀😀"}`), model.Finished{Stop: model.StopTools}},
			"",
		},
		{
			"unknown events",
			[][]byte{
				start, frame(t, "event", "somethingNew", `{"x":1}`),
				frame(t, "event", "contentBlockDelta", `{"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"hm"}}}`),
				frame(t, "event", "contentBlockDelta", `{"contentBlockIndex":1,"delta":{"text":""},"p":"abc"}`), text, stop,
			},
			[]model.Event{opened, a, model.Finished{Stop: model.StopEnd}},
			"",
		},
		{
			"tools",
			[][]byte{start, text, tool(1, "x", ""), tool(2, "y", `{"b"`, `: [1, `, `2]}`), stopped("tool_use")},
			[]model.Event{opened, a, call("x", "{}"), call("y", `{"b":[1,2]}`), model.Finished{Stop: model.StopTools}},
			"",
		},
		{
			"a call cut short",
			[][]byte{start, tool(0, "x", `{"b": "c`), stopped("max_tokens")},
			[]model.Event{opened, model.Finished{Stop: model.StopLength}},
			"",
		},
		{
			"a call that is none",
			[][]byte{start, tool(0, "x", `[1]`), stopped("tool_use")},
			[]model.Event{opened, model.ToolCall{ID: "x", Name: "f", Input: json.RawMessage(`{}`), Malformed: true}, model.Finished{Stop: model.StopTools}},
			"",
		},
		{
			"context full",
			[][]byte{start, text, stopped("model_context_window_exceeded")},
			[]model.Event{opened, a, model.Finished{Stop: model.StopLength}},
			"",
		},
		{
			"guardrail",
			[][]byte{start, text, stopped("guardrail_intervened")},
			[]model.Event{opened, a, model.Finished{Stop: model.StopOther}},
			"",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/vnd.amazon.eventstream")
				_, _ = w.Write(bytes.Join(tc.stream, nil))
			}))
			events, err := modeltest.Collect(t.Context(), p, modeltest.Ask("hello"))
			if diff := cmp.Diff(tc.want, events, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
			if tc.fault != "" {
				checkFault(t, err, tc.fault)
			} else if err != nil {
				t.Errorf("got error %v, want none", err)
			}
		})
	}
}

// A chunked body that is cut off is an error of HTTP itself.
func TestProvider_ConnectionLost(t *testing.T) {
	p := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(frame(t, "event", "messageStart", `{"role":"assistant"}`))
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}))
	events, err := modeltest.Collect(t.Context(), p, modeltest.Ask("hello"))
	if len(events) != 1 {
		t.Errorf("got events %v, want only Opened", events)
	}
	checkFault(t, err, fault.Internal)
}

func frame(t *testing.T, kind, name, payload string) []byte {
	t.Helper()
	m := eventstream.Message{Payload: []byte(payload)}
	m.Headers.Set(":"+kind+"-type", eventstream.StringValue(name))
	m.Headers.Set(":content-type", eventstream.StringValue("application/json"))
	m.Headers.Set(":message-type", eventstream.StringValue(kind))
	var b bytes.Buffer
	if err := eventstream.NewEncoder().Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The request on the wire has Bedrock's form.
func TestProvider_Request(t *testing.T) {
	var got, path string
	p := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got, path = string(body), r.URL.EscapedPath()
		_, _ = io.WriteString(w, `{"output":{"message":{"role":"assistant","content":[]}},"stopReason":"end_turn"}`)
	}))
	reply, err := p.Converse(t.Context(), model.Request{
		Model: "arn:aws:bedrock:eu-west-1:1:inference-profile/eu.m-v1:0", System: " ", MaxTokens: 7, Temperature: 1.5, Stop: []string{"END", "\n"},
		Messages: []model.Message{
			{Role: model.User, Text: "one"},
			{Role: model.User, Text: "two"},
			{Role: model.Assistant, ToolCalls: []model.ToolCall{
				{ID: "a", Name: "f", Input: json.RawMessage(`{"z":1.10,"":"empty key","a":12345678901234567890}`)},
				{ID: "b", Name: "gone"},
			}},
			{Role: model.User, ToolResults: []model.ToolResult{{CallID: "a", Text: "<1>"}}},
			{Role: model.User, ToolResults: []model.ToolResult{{CallID: "b", Failed: true}}},
		},
		Tools: []model.Tool{
			{Name: "f", Description: "does f", Schema: json.RawMessage(`{"type":"object","properties":{"z":{},"a":{}}}`)},
			{Name: "g"},
		},
	})
	if err != nil || reply.Usage != nil || reply.Stop != model.StopEnd {
		t.Fatalf("got %+v, error %v, want StopEnd without usage", reply, err)
	}
	want := `{"inferenceConfig":{"maxTokens":7,"stopSequences":["END","\n"],"temperature":1},"messages":[` +
		`{"content":[{"text":"one"},{"text":"two"}],"role":"user"},` +
		`{"content":[{"toolUse":{"input":{"z":1.10,"":"empty key","a":12345678901234567890},"name":"f","toolUseId":"a"}},` +
		`{"toolUse":{"input":{},"name":"gone","toolUseId":"b"}}],"role":"assistant"},` +
		`{"content":[{"toolResult":{"content":[{"text":"<1>"}],"status":"success","toolUseId":"a"}},` +
		`{"toolResult":{"content":[],"status":"error","toolUseId":"b"}}],"role":"user"}],` +
		`"toolConfig":{"tools":[` +
		`{"toolSpec":{"description":"does f","inputSchema":{"json":{"type":"object","properties":{"z":{},"a":{}}}},"name":"f"}},` +
		`{"toolSpec":{"inputSchema":{"json":{"type":"object"}},"name":"g"}},` +
		`{"toolSpec":{"inputSchema":{"json":{"type":"object"}},"name":"gone"}}]}}`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
	if want := "/model/arn%3Aaws%3Abedrock%3Aeu-west-1%3A1%3Ainference-profile%2Feu.m-v1%3A0/converse"; path != want {
		t.Errorf("got path %s, want %s", path, want)
	}
}

// A non-streamed answer keeps its calls, and marks a malformed one.
func TestProvider_NonStreamedCalls(t *testing.T) {
	p := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"output":{"message":{"role":"assistant","content":[
			{"text":"a"},{"toolUse":{"toolUseId":"x","name":"f","input":{"t":"<b>","n":1.50}}},{"text":"b"},
			{"toolUse":{"toolUseId":"y","name":"f","input":"oops"}}]}},"stopReason":"tool_use"}`)
	}))
	got, err := p.Converse(t.Context(), modeltest.Ask("hello"))
	want := model.Reply{Text: "ab", Stop: model.StopTools, ToolCalls: []model.ToolCall{
		{ID: "x", Name: "f", Input: json.RawMessage(`{"n":1.50,"t":"<b>"}`)}, {ID: "y", Name: "f", Input: json.RawMessage(`{}`), Malformed: true},
	}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("error %v, reply (-want +got):\n%s", err, diff)
	}
}
