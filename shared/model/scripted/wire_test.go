package scripted_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"
	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/model/scripted"
)

const path = "/model/local/converse"

func post(t *testing.T, path, body string) *http.Response {
	t.Helper()
	recorder := httptest.NewRecorder()
	scripted.Handler(scripted.Options{}).ServeHTTP(recorder, httptest.NewRequest(http.MethodPost, path, strings.NewReader(body)))
	return recorder.Result()
}

func ask(text string) string {
	body, _ := json.Marshal(map[string]any{"messages": []any{map[string]any{"role": "user", "content": []any{map[string]any{"text": text}}}}})
	return string(body)
}

// frame is one decoded message of the event stream.
type frame struct {
	Kind, Name, ContentType, Payload string
}

// frames decodes a whole body with the SDK's decoder, which verifies the checksums.
func frames(t *testing.T, body io.Reader) []frame {
	t.Helper()
	decoder := eventstream.NewDecoder()
	var out []frame
	for {
		m, err := decoder.Decode(body, nil)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatalf("frame %d: %v", len(out), err)
		}
		header := func(name string) string {
			if v := m.Headers.Get(name); v != nil {
				return v.String()
			}
			return ""
		}
		out = append(out, frame{
			Kind:        header(":message-type"),
			Name:        header(":event-type") + header(":exception-type"),
			ContentType: header(":content-type"),
			Payload:     string(m.Payload),
		})
	}
}

func event(name, payload string) frame { return frame{"event", name, "application/json", payload} }

var sameJSON = cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Payload" }, cmp.Comparer(func(a, b string) bool {
	var x, y any
	return json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && cmp.Equal(x, y)
}))

func TestHandler_Frames(t *testing.T) {
	for _, tc := range []struct {
		text string
		want []frame
	}{
		{"[[words 2]]", []frame{
			event("messageStart", `{"role":"assistant"}`),
			event("contentBlockDelta", `{"contentBlockIndex":0,"delta":{"text":"w1"}}`),
			event("contentBlockDelta", `{"contentBlockIndex":0,"delta":{"text":" w2"}}`),
			event("contentBlockStop", `{"contentBlockIndex":0}`),
			event("messageStop", `{"stopReason":"end_turn"}`),
			event("metadata", `{"usage":{"inputTokens":2,"outputTokens":2,"totalTokens":4},"metrics":{"latencyMs":0}}`),
		}},
		{"[[words 2]] [[break 1]]", []frame{
			event("messageStart", `{"role":"assistant"}`),
			event("contentBlockDelta", `{"contentBlockIndex":0,"delta":{"text":"w1"}}`),
			{"exception", "modelStreamErrorException", "application/json", `{"message":"The model stopped in the middle of its answer.","originalStatusCode":500,"originalMessage":"The model stopped in the middle of its answer."}`},
		}},
	} {
		t.Run(tc.text, func(t *testing.T) {
			response := post(t, path+"-stream", ask(tc.text))
			if response.StatusCode != 200 || response.Header.Get("Content-Type") != "application/vnd.amazon.eventstream" {
				t.Errorf("got status %d, header %v, want 200 and an event stream", response.StatusCode, response.Header)
			}
			got := frames(t, response.Body)
			for i := range got {
				// The real latency varies.
				if got[i].Name == "metadata" {
					got[i].Payload = withoutLatency(t, got[i].Payload)
				}
			}
			if diff := cmp.Diff(tc.want, got, sameJSON); diff != "" {
				t.Errorf("frames (-want +got):\n%s", diff)
			}
		})
	}
}

func withoutLatency(t *testing.T, payload string) string {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(payload), &v); err != nil {
		t.Fatal(err)
	}
	v["metrics"].(map[string]any)["latencyMs"] = 0
	out, _ := json.Marshal(v)
	return string(out)
}

func TestHandler_ToolFrames(t *testing.T) {
	response := post(t, path+"-stream", ask(`[[words 1]] [[tool f {"city":"Zürich","n":[1,2]}]] [[tool g]]`))
	var names []string
	inputs := map[float64]string{}
	for _, f := range frames(t, response.Body) {
		names = append(names, f.Name)
		var payload struct {
			ContentBlockIndex float64
			Delta             struct{ ToolUse *struct{ Input string } }
		}
		if err := json.Unmarshal([]byte(f.Payload), &payload); err != nil {
			t.Fatal(err)
		}
		if payload.Delta.ToolUse != nil {
			inputs[payload.ContentBlockIndex] += payload.Delta.ToolUse.Input
		}
	}
	if diff := cmp.Diff(map[float64]string{1: `{"city":"Zürich","n":[1,2]}`, 2: ""}, inputs); diff != "" {
		t.Errorf("inputs by block (-want +got):\n%s", diff)
	}
	want := "messageStart contentBlockDelta contentBlockStop " + // the text
		"contentBlockStart contentBlockDelta contentBlockDelta contentBlockDelta contentBlockDelta contentBlockStop " +
		"contentBlockStart contentBlockDelta contentBlockStop messageStop metadata"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("got events %s\nwant       %s", got, want)
	}
}

func TestHandler_Refusals(t *testing.T) {
	for text, want := range map[string]struct {
		status int
		code   string
	}{
		"[[throttle]]": {429, "ThrottlingException"},
		"[[fail]]":     {500, "InternalServerException"},
		"[[nomodel]]":  {404, "ResourceNotFoundException"},
		"[[break 1]]":  {424, "ModelErrorException"}, // of Converse only
	} {
		for _, p := range []string{path, path + "-stream"} {
			if text == "[[break 1]]" && p != path {
				continue
			}
			t.Run(text+p, func(t *testing.T) {
				response := post(t, p, ask(text))
				code, _, _ := strings.Cut(response.Header.Get("X-Amzn-Errortype"), ":")
				var body struct{ Message string }
				if err := json.NewDecoder(response.Body).Decode(&body); err != nil || body.Message == "" {
					t.Errorf("got body %+v, error %v, want a message", body, err)
				}
				if response.StatusCode != want.status || code != want.code {
					t.Errorf("got %d %s, want %+v", response.StatusCode, code, want)
				}
			})
		}
	}
}

func TestHandler_ModelIDs(t *testing.T) {
	for _, id := range []string{
		"local", "anthropic.claude-v2:1", "us.amazon.nova-lite-v1%3A0",
		"arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Feu.x",
	} {
		if response := post(t, "/model/"+id+"/converse", ask("hi")); response.StatusCode != 200 {
			t.Errorf("%s: got status %d, want 200", id, response.StatusCode)
		}
	}
	response := post(t, "/model/a%2Fb/converse", ask("[[nomodel]]"))
	if body, _ := io.ReadAll(response.Body); !bytes.Contains(body, []byte("a/b")) {
		t.Errorf("got %s, want the model's id in it", body)
	}
	for _, p := range []string{"/", "/model/x/invoke", "/model/a/b/converse"} {
		if response := post(t, p, "{}"); response.StatusCode != 404 || response.Header.Get("X-Amzn-Errortype") == "" {
			t.Errorf("%s: got status %d, header %v, want 404 and an error type", p, response.StatusCode, response.Header)
		}
	}
}

func TestHandler_BadRequests(t *testing.T) {
	const (
		user  = `{"role":"user","content":[{"text":"hi"}]}`
		tools = `,"toolConfig":{"tools":[{"toolSpec":{"name":"f","inputSchema":{"json":{"type":"object"}}}}]}`
		uses  = `{"role":"assistant","content":[{"toolUse":{"toolUseId":"1","name":"f","input":{}}}]}`
	)
	conversation := func(messages ...string) string { return `{"messages":[` + strings.Join(messages, ",") + `]` }
	result := func(id string, more string) string {
		return `{"role":"user","content":[{"toolResult":{"toolUseId":"` + id + `","content":[{"json":{"a": 1}}]}}` + more + `]}`
	}
	for name, tc := range map[string]struct{ body, want string }{
		"no JSON":             {"{", "unexpected end"},
		"no messages":         {`{}`, "must start with a user message"},
		"assistant first":     {conversation(uses, user) + "}", "must start with a user message"},
		"assistant last":      {conversation(user, `{"role":"assistant","content":[{"text":"a"}]}`) + "}", "must end with a user message"},
		"same role":           {conversation(user, user) + "}", "must alternate between user and assistant roles"},
		"system role":         {conversation(user, `{"role":"system","content":[{"text":"a"}]}`) + "}", "enum value set"},
		"no content":          {conversation(`{"role":"user","content":[]}`) + "}", "messages.0 is empty"},
		"blank text":          {conversation(`{"role":"user","content":[{"text":" "}]}`) + "}", "messages.0.content.0 is blank"},
		"unknown block":       {conversation(`{"role":"user","content":[{"video":{}}]}`) + "}", "must set one of"},
		"image format":        {conversation(images("jpg", gif(12, 8))) + "}", "enum value set: [gif, jpeg, png, webp]"},
		"another format":      {conversation(images("png", gif(12, 8))) + "}", "does not match the specified image format"},
		"no image":            {conversation(images("png", []byte("hello"))) + "}", "Could not process image"},
		"image too wide":      {conversation(images("gif", gif(8001, 1))) + "}", "dimensions exceed max allowed size"},
		"image too large":     {conversation(images("gif", append(gif(12, 8), make([]byte, 15<<18)...))) + "}", "image exceeds"},
		"21 images":           {conversation(images("gif", slices.Repeat([][]byte{gif(12, 8)}, 21)...)) + "}", "too many images"},
		"assistant's image":   {conversation(user, strings.Replace(images("gif", gif(12, 8)), `"user"`, `"assistant"`, 1), user) + "}", "Only the user's messages"},
		"image beside result": {conversation(user, uses, result("1", `,{"image":`+image("gif", gif(12, 8))+`}`)) + tools + "}", "cannot be provided in the same turn"},
		"blank system":        {conversation(user) + `,"system":[{"text":""}]}`, "system.0 is blank"},
		"no limit":            {conversation(user) + `,"inferenceConfig":{"maxTokens":0}}`, "greater than or equal to 1"},
		"hot":                 {conversation(user) + `,"inferenceConfig":{"temperature":1.5}}`, "between 0 and 1"},
		"no toolConfig":       {conversation(user, uses, result("1", "")) + "}", "The toolConfig field must be defined when using toolUse and toolResult content blocks."},
		"no tools":            {conversation(user) + `,"toolConfig":{"tools":[]}}`, "toolConfig.tools"},
		"bad tool name":       {conversation(user) + strings.Replace(tools, `"f"`, `"f g"`, 1) + "}", "regular expression"},
		"bad schema":          {conversation(user) + strings.Replace(tools, `{"type":"object"}`, `{}`, 1) + "}", "must be one of the following: object"},
		"not answered":        {conversation(user, uses, user) + tools + "}", "Expected toolResult blocks at messages.2.content for the following Ids: 1"},
		"another answered":    {conversation(user, uses, result("2", "")) + tools + "}", "Ids: 1"},
		"answered unasked":    {conversation(result("1", "")) + tools + "}", "exceeds the number of toolUse blocks"},
		"text beside results": {conversation(user, uses, result("1", `,{"text":"a"}`)) + tools + "}", "cannot be provided in the same turn"},
		"input is no object":  {conversation(user, strings.Replace(uses, "{}", `"x"`, 1), result("1", "")) + tools + "}", "Provide a json object"},
		"user calls":          {conversation(`{"role":"user","content":[{"toolUse":{"toolUseId":"1","name":"f","input":{}}}]}`) + tools + "}", "cannot carry this tool block"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, p := range []string{path, path + "-stream"} {
				response := post(t, p, tc.body)
				body, _ := io.ReadAll(response.Body)
				if response.StatusCode != 400 || !strings.Contains(string(body), tc.want) {
					t.Errorf("%s: got %d %s, want 400 with %q", p, response.StatusCode, body, tc.want)
				}
			}
		})
	}

	response := post(t, path, conversation(user, uses, result("1", ""))+tools+"}")
	if body, _ := io.ReadAll(response.Body); !strings.Contains(string(body), `Tool f said: {\"a\":1}`) {
		t.Errorf("got %d %s, want the JSON result as text", response.StatusCode, body)
	}
}

// The client receives each event before the next delay begins.
func TestHandler_FlushesEachEvent(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(scripted.Handler(scripted.Options{Wait: func(ctx context.Context, _ time.Duration) error {
		select {
		case <-release:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}}))
	defer server.Close()
	response, err := http.Post(server.URL+path+"-stream", "application/json", strings.NewReader(ask("[[words 2]] [[delay 1]]")))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	decoder := eventstream.NewDecoder()
	for i, want := range []string{"messageStart", "contentBlockDelta", "contentBlockDelta"} {
		if i > 0 {
			release <- struct{}{}
		}
		m, err := decoder.Decode(response.Body, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Headers.Get(":event-type").String(); got != want {
			t.Errorf("event %d: got %s, want %s", i, got, want)
		}
	}
}

// The model sends no delta to a disconnected client, with a delay or without.
func TestHandler_ClientDisconnects(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, text := range []string{"[[words 3]]", "[[words 3]] [[delay 1000000]]", "[[tool f]]"} {
		for _, p := range []string{path, path + "-stream"} {
			recorder := httptest.NewRecorder()
			request := httptest.NewRequestWithContext(ctx, http.MethodPost, p, strings.NewReader(ask(text)))
			scripted.Handler(scripted.Options{}).ServeHTTP(recorder, request)
			for _, f := range frames(t, recorder.Body) {
				if f.Name != "messageStart" && f.Name != "contentBlockStart" {
					t.Errorf("%s %s: got event %s, want no delta", p, text, f.Name)
				}
			}
		}
	}
}

// Without Options.Wait, a delay takes real time.
func TestHandler_RealDelay(t *testing.T) {
	began := time.Now()
	if response := post(t, path, ask("[[words 2]] [[delay 2]]")); response.StatusCode != 200 {
		t.Fatalf("got status %d, want 200", response.StatusCode)
	}
	if took := time.Since(began); took < 4*time.Millisecond {
		t.Errorf("got %v, want at least 2 ms for each of 2 deltas", took)
	}
}

// gif returns the header of a GIF image.
func gif(width, height int) []byte {
	return []byte{'G', 'I', 'F', '8', '9', 'a', byte(width), byte(width >> 8), byte(height), byte(height >> 8), 0, 0, 0}
}

func image(format string, data []byte) string {
	block, _ := json.Marshal(map[string]any{"format": format, "source": map[string]any{"bytes": data}})
	return string(block)
}

// images returns a user's message with images.
func images(format string, data ...[]byte) string {
	var blocks []string
	for _, d := range data {
		blocks = append(blocks, `{"image":`+image(format, d)+`}`)
	}
	return `{"role":"user","content":[` + strings.Join(blocks, ",") + `]}`
}

// The model describes the images of the last message, and its refusal has Bedrock's form.
func TestHandler_Images(t *testing.T) {
	const words = `,"inferenceConfig":{"maxTokens":100}}`
	body := func(text string) string {
		return `{"messages":[{"role":"user","content":[{"text":"earlier"},{"image":` + image("gif", gif(300, 200)) + `},{"text":` + text + `}]}]` + words
	}
	response := post(t, path, body(`"see [[delay 0]]"`))
	got, _ := io.ReadAll(response.Body)
	if want := "You said: see [image image/gif 300x200 13 bytes]"; response.StatusCode != 200 || !strings.Contains(string(got), want) {
		t.Errorf("got %d %s, want %q", response.StatusCode, got, want)
	}
	if want := `"inputTokens":9,"outputTokens":8`; !strings.Contains(string(got), want) {
		t.Errorf("got %s, want %s", got, want)
	}
	response = post(t, path, body(`"[[noimages]] see"`))
	got, _ = io.ReadAll(response.Body)
	if response.StatusCode != 400 || !strings.HasPrefix(response.Header.Get("X-Amzn-Errortype"), "ValidationException") || !strings.Contains(string(got), "doesn't support the image content block") {
		t.Errorf("got %d %v %s, want a ValidationException", response.StatusCode, response.Header, got)
	}
}
