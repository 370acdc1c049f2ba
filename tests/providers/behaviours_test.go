package providers_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/model"
)

// behaviour is how a server answers, and the text or the error that a client should get, the
// same over every surface.
type behaviour struct {
	serve serve
	text  string
	fails fault.Code // empty: no failure
	told  string     // text of a stream before its failure
	turns int        // of one thread; 0 means 1
	size  int        // each message of the user is filled up to this many bytes
}

// limit is how long a model may be silent in these tests.
const limit = 2 * time.Second

const (
	busy    = fault.ModelUnavailable
	refused = fault.ModelRefused
	broken  = fault.Internal
)

func behaviours() map[string]behaviour {
	all := map[string]behaviour{}
	for _, group := range []map[string]behaviour{texts(), framing(), counts(), tools(), failures(), breaks(), silences(), floods(), dialects(), contexts()} {
		maps.Copy(all, group)
	}
	return all
}

func texts() map[string]behaviour {
	const mixed = "日本 é 😀!"
	var bytewise strings.Builder
	for i := range len(mixed) {
		bytewise.WriteString(say(mixed[i : i+1]))
	}
	return map[string]behaviour{
		"as OpenAI answers":           {serve: hello, text: "Hello!"},
		"a character in two":          {serve: raw(say("a\xF0\x9F")+say("\x98\x80b")+tail, message("\"content\":\"a😀b\"")), text: "a😀b"},
		"a byte a chunk":              {serve: raw(bytewise.String()+tail, message(`"content":"`+mixed+`"`)), text: mixed},
		"surrogates in two":           {serve: raw(say(`a\ud83d`)+say(`\ude00b`)+tail, message(`"content":"a\ud83d\ude00b"`)), text: "a😀b"},
		"half a surrogate":            {serve: raw(say(`a\ud83d`)+say(`b`)+tail, message(`"content":"a\ud83db"`)), text: "a\uFFFDb"},
		"half a character":            {serve: raw(say("a\xE2\x82")+say("b")+tail, message("\"content\":\"a\xE2\x82b\"")), text: "a\uFFFDb"},
		"half a character at the end": {serve: raw(say("a\xE2\x82")+tail, message("\"content\":\"a\xE2\x82\"")), text: "a\uFFFD"},
		"content as parts":            {serve: raw(delta(`"content":[{"type":"text","text":"Hel"}]`)+delta(`"content":[{"type":"text","text":"lo"},{"type":"text","text":"!"}]`)+tail, message(`"content":[{"type":"text","text":"Hello"},{"type":"text","text":"!"}]`)), text: "Hello!"},
		"thinking as a part": {
			serve: raw(delta(`"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]}]`)+say("Hello!")+tail, message(`"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","text":"Hello!"}]`)),
			text:  "Hello!",
		},
		"content as an object": {serve: raw(delta(`"content":{"type":"text","text":"Hello!"}`)+tail, message(`"content":{"type":"text","text":"Hello!"}`)), text: "Hello!"},
		"reasoning_content":    {serve: raw(delta(`"content":null,"reasoning_content":"hm"`)+say("Hello!")+tail, message(`"content":"Hello!","reasoning_content":"hm"`)), text: "Hello!"},
		"reasoning":            {serve: raw(delta(`"content":"","reasoning":"hm","reasoning_details":[{"text":"hm"}]`)+say("Hello!")+tail, message(`"content":"Hello!","reasoning":"hm"`)), text: "Hello!"},
		"an empty text":        {serve: raw(say("")+tail, message(`"content":""`)), text: ""},
		"content null":         {serve: raw(delta(`"content":null`)+tail, message(`"content":null`)), text: ""},
		"a refusal":            {serve: raw(delta(`"refusal":"I will not."`)+tail, message(`"content":null,"refusal":"I will not."`)), text: "I will not."},
		"one long chunk":       {serve: raw(say(strings.Repeat("x", 100_000))+tail, message(`"content":"`+strings.Repeat("x", 100_000)+`"`)), text: strings.Repeat("x", 100_000)},
	}
}

func framing() map[string]behaviour {
	replace := func(pairs ...string) serve { return framed(strings.NewReplacer(pairs...).Replace) }
	whole := message(`"content":"Hello!"`)
	return map[string]behaviour{
		"CRLF":                      {serve: replace("\n", "\r\n"), text: "Hello!"},
		"CR":                        {serve: replace("\n", "\r"), text: "Hello!"},
		"comments":                  {serve: replace("data: {", ": keep-alive\n\n:\ndata: {"), text: "Hello!"},
		"no space after data":       {serve: replace("data: ", "data:"), text: "Hello!"},
		"data in two lines":         {serve: replace(`"choices"`, "\ndata: \"choices\""), text: "Hello!"},
		"a byte order mark":         {serve: raw("\uFEFF"+say("Hello!")+tail, "\uFEFF"+whole), text: "Hello!"},
		"names, ids, retries":       {serve: replace("data: ", "event: message\nid: 7\nretry: 10\ndata: "), text: "Hello!"},
		"empty events":              {serve: replace("data: {", "data:\n\ndata: {"), text: "Hello!"},
		"no [DONE]":                 {serve: framed(func(s string) string { return strings.TrimSuffix(s, done) }), text: "Hello!"},
		"no last blank line":        {serve: framed(func(s string) string { return strings.TrimSuffix(strings.TrimSuffix(s, done), "\n") }), text: "Hello!"},
		"no finish reason":          {serve: raw(say("Hello!")+spent+done, strings.ReplaceAll(whole, `"finish_reason":"stop"`, `"finish_reason":null`)), text: "Hello!"},
		"an odd finish reason":      {serve: raw(say("Hello!")+strings.ReplaceAll(tail, `"stop"`, `"eos_token"`), strings.ReplaceAll(whole, `"stop"`, `"eos_token"`)), text: "Hello!"},
		"an unknown reason":         {serve: raw(say("Hello!")+strings.ReplaceAll(tail, `"stop"`, `17`), strings.ReplaceAll(whole, `"stop"`, `17`)), text: "Hello!"},
		"chunks without choices":    {serve: raw("data: {\"choices\":[],\"prompt_filter_results\":[]}\n\n"+say("Hello!")+tail, whole), text: "Hello!"},
		"a chunk that is null":      {serve: raw("data: {\"choices\":null}\n\ndata: {\"choices\":[null]}\n\n"+say("Hello!")+tail, whole), text: "Hello!"},
		"blanks before JSON":        {serve: raw("\n\n"+say("Hello!")+tail, "\n  \n"+whole), text: "Hello!"},
		"whole instead of a stream": {serve: raw(whole, whole), text: "Hello!"},
		"a stream instead of whole": {serve: raw(say("Hello!")+tail, say("Hello!")+tail), text: "Hello!"},
		"another content type": {serve: func(w http.ResponseWriter, _ *http.Request, req request) {
			w.Header().Set("Content-Type", "text/plain; charset=latin1")
			_, _ = io.WriteString(w, choose(req, say("Hello!")+tail, whole))
		}, text: "Hello!"},
		"gzip": {serve: func(w http.ResponseWriter, _ *http.Request, req request) {
			w.Header().Set("Content-Encoding", "gzip")
			var b bytes.Buffer
			z := gzip.NewWriter(&b)
			_, _ = io.WriteString(z, choose(req, say("Hello!")+tail, whole))
			_ = z.Close()
			_, _ = w.Write(b.Bytes())
		}, text: "Hello!"},
		"byte by byte":             {serve: slowly(time.Millisecond, strings.Split(say("Hello!")+tail, ""), strings.Split(whole, "")), text: "Hello!"},
		"a reset after the finish": {serve: resetAfter(say("Hello!")+end, whole), text: "Hello!"},
		"a redirect that keeps POST": {serve: func(w http.ResponseWriter, r *http.Request, req request) {
			if r.URL.Query().Get("moved") == "" {
				http.Redirect(w, r, r.URL.Path+"?moved=1", http.StatusTemporaryRedirect)
				return
			}
			hello(w, r, req)
		}, text: "Hello!"},
	}
}

func counts() map[string]behaviour {
	all := map[string]behaviour{}
	for name, usage := range map[string]string{
		"usage of zeros":           `{"prompt_tokens":0,"completion_tokens":0}`,
		"usage beyond all credits": `{"prompt_tokens":9,"completion_tokens":461168601842739}`,
		"usage of a billion":       `{"prompt_tokens":1000000000,"completion_tokens":1000000000}`,
		"negative usage":           `{"prompt_tokens":-9,"completion_tokens":-4}`,
		"fractional usage":         `{"prompt_tokens":9.5,"completion_tokens":4.25}`,
		"usage of 1e300":           `{"prompt_tokens":1e300,"completion_tokens":1e300}`,
		"usage as strings":         `{"prompt_tokens":"9","completion_tokens":"4"}`,
		"usage as words":           `{"prompt_tokens":"many","completion_tokens":{}}`,
		"usage null":               `null`,
		"an empty usage":           `{}`,
		"usage as a list":          `[9,4]`,
		"usage without input":      `{"completion_tokens":4}`,
		"usage with reasoning":     `{"prompt_tokens":9,"completion_tokens":400,"completion_tokens_details":{"reasoning_tokens":396}}`,
		"usage of other fields":    `{"prompt_tokens":9,"completion_tokens":4,"completion_tokens_details":"none","cost":"1e400"}`,
	} {
		all[name] = behaviour{serve: counted(usage), text: "Hello!"}
	}
	all["usage in each chunk"] = behaviour{serve: raw(strings.ReplaceAll(say("Hel")+say("lo!"), `"usage":null`, `"usage":{"prompt_tokens":9,"completion_tokens":1}`)+tail, message(`"content":"Hello!"`)), text: "Hello!"}
	return all
}

func tools() map[string]behaviour {
	finish := strings.ReplaceAll(tail, `"stop"`, `"tool_calls"`)
	calls := func(pieces string) serve {
		return calling(delta(`"tool_calls":[`+pieces+`]`)+finish, strings.ReplaceAll(message(`"content":null,"tool_calls":[`+pieces+`]`), `"stop"`, `"tool_calls"`))
	}
	many := strings.TrimSuffix(strings.Repeat(`{"type":"function","function":{"name":"f","arguments":"{}"}},`, 20_000), ",")
	one := func(id, name, arguments string) string {
		return fmt.Sprintf(`{"index":0,"id":"%s","type":"function","function":{"name":"%s","arguments":%s}}`, id, name, arguments)
	}
	return map[string]behaviour{
		"a tool":                     {serve: calls(one("c1", "f", `"{}"`)), text: "Done."},
		"arguments as an object":     {serve: calls(one("c1", "f", `{"a":1}`)), text: "Done."},
		"arguments null":             {serve: calls(one("c1", "f", `null`)), text: "Done."},
		"calls without index and id": {serve: calls(`{"function":{"name":"f","arguments":"{}"}},{"function":{"name":"g","arguments":"{}"}}`), text: "Done."},
		"calls with one index":       {serve: calling(delta(`"tool_calls":[`+one("c1", "f", `"{}"`)+`]`)+delta(`"tool_calls":[`+strings.Replace(one("c1", "g", `"{}"`), `"index":0`, `"index":1`, 1)+`]`)+finish, strings.ReplaceAll(message(`"content":null,"tool_calls":[{"id":"c1","function":{"name":"f","arguments":"{}"}},{"id":"c1","function":{"name":"g","arguments":"{}"}}]`), `"stop"`, `"tool_calls"`)), text: "Done."},
		"calls with reason stop":     {serve: calling(delta(`"tool_calls":[`+one("c1", "f", `"{}"`)+`]`)+tail, message(`"content":null,"tool_calls":[`+one("c1", "f", `"{}"`)+`]`)), text: "Done."},
		"calls as an object":         {serve: raw(delta(`"tool_calls":{}`)+say("Hello!")+tail, message(`"content":"Hello!","tool_calls":{}`)), text: "Hello!"},
		"a long id and name":         {serve: calls(one(strings.Repeat("i", 50_000), strings.Repeat("n", 50_000), `"{}"`)), text: "Done."},
		"20,000 calls":               {serve: calls(many), fails: broken},
		"arguments of 20 MB": {serve: calling(
			flood(delta(`"tool_calls":[`+one("c1", "f", `"{"`)+`]`), delta(`"tool_calls":[{"index":0,"function":{"arguments":"`+strings.Repeat(" ", 10_000)+`"}}]`), finish, 20<<20),
			message(`"content":null,"tool_calls":[`+one("c1", "f", `"{`+strings.Repeat(" ", 20<<20)+`}"`)+`]`),
		), fails: broken},
	}
}

func failures() map[string]behaviour {
	const page = "<html><body>It works!</body></html>"
	moved := func(code int) serve { return status(code, page, "Location", "/elsewhere") }
	return map[string]behaviour{
		"429":                          {serve: status(429, wrong("Rate limit reached", "requests", "", "rate_limit_exceeded")), fails: busy},
		"429 with Retry-After":         {serve: status(429, "", "Retry-After", "17"), fails: busy},
		"503 in HTML":                  {serve: status(503, page), fails: busy},
		"502":                          {serve: status(502, page), fails: busy},
		"504 without a body":           {serve: status(504, ""), fails: busy},
		"529":                          {serve: status(529, wrong("Overloaded", "overloaded_error", "", "")), fails: busy},
		"408":                          {serve: status(408, ""), fails: busy},
		"loading":                      {serve: status(503, `{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}`), fails: busy},
		"500":                          {serve: status(500, wrong("oops", "server_error", "", "")), fails: broken},
		"500 of 20 MB":                 {serve: status(500, strings.Repeat("x", 20<<20)), fails: broken},
		"401":                          {serve: status(401, wrong("Incorrect API key provided", "invalid_request_error", "", "invalid_api_key")), fails: refused},
		"403":                          {serve: status(403, `{"detail":"Forbidden"}`), fails: refused},
		"402":                          {serve: status(402, wrong("Insufficient Balance", "unknown_error", "", "")), fails: refused},
		"404 for a model":              {serve: status(404, wrong("The model 'x' does not exist", "NotFoundError", "", "model_not_found")), fails: refused},
		"404 in HTML":                  {serve: status(404, page), fails: refused},
		"405":                          {serve: status(405, `{"detail":"Method Not Allowed"}`), fails: refused},
		"400 for a model":              {serve: status(400, `{"error":"invalid model: x"}`), fails: refused},
		"400 for an unknown reason":    {serve: status(400, wrong("'messages' is too short", "invalid_request_error", "messages", "")), fails: broken},
		"422 for an unknown reason":    {serve: status(422, `{"detail":[]}`), fails: broken},
		"moved":                        {serve: moved(301), fails: refused},
		"found":                        {serve: moved(302), fails: refused},
		"200 with an error":            {serve: status(200, wrong("oops", "server_error", "", "")), fails: broken},
		"200 with a text for an error": {serve: status(200, `{"error":"oops"}`), fails: broken},
		"200 with a busy error":        {serve: status(200, `{"error":{"message":"Rate limit reached","code":429}}`), fails: busy},
		"200 with an overload":         {serve: status(200, wrong("Overloaded", "overloaded_error", "", "")), fails: busy},
		"200 with a refused key":       {serve: status(200, wrong("no", "invalid_request_error", "", "401")), fails: refused},
		"200 with an unknown model":    {serve: status(200, wrong("model not found", "invalid_request_error", "", "model_not_found")), fails: refused},
		"200 with a detail":            {serve: status(200, `{"detail":"oops"}`), fails: broken},
		"200 in HTML":                  {serve: status(200, page), fails: broken},
		"200 in plain text":            {serve: status(200, "default backend - 404"), fails: broken},
		"200 with an empty body":       {serve: status(200, ""), fails: broken},
		"200 with a list":              {serve: status(200, "[]"), fails: broken},
		"200 without a choice":         {serve: raw("data: {\"choices\":[]}\n\n"+done, `{"choices":[]}`), fails: broken},
		"200 with an empty choice":     {serve: raw("data: {\"choices\":[{}]}\n\n"+done, `{"choices":[{}]}`), fails: broken},
		"no connection":                {serve: resetAfter("", ""), fails: busy},
		"busy at the first request": {serve: func(w http.ResponseWriter, r *http.Request, req request) {
			if req.times == 0 {
				w.Header().Del("X-Should-Retry")
				w.Header().Set("Retry-After-Ms", "1")
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			hello(w, r, req)
		}, text: "Hello!"},
	}
}

func breaks() map[string]behaviour {
	whole := message(`"content":"Hello!"`)
	failing := func(event, body string) serve { return raw(say("Hel")+event, body) }
	event := func(body string) serve { return failing("data: "+body+"\n\n"+done, body) }
	return map[string]behaviour{
		"an error in the middle":     {serve: event(wrong("oops", "server_error", "", "")), fails: broken, told: "Hel"},
		"busy in the middle":         {serve: event(`{"error":{"message":"overloaded","code":429}}`), fails: busy, told: "Hel"},
		"a text in the middle":       {serve: event(`{"error":"oops"}`), fails: broken, told: "Hel"},
		"an object of type error":    {serve: event(`{"object":"error","message":"oops","type":"InternalServerError","code":500}`), fails: broken, told: "Hel"},
		"an event of the name error": {serve: failing("event: error\ndata: {\"message\":\"oops\"}\n\n", `{"message":"oops"}`), fails: broken, told: "Hel"},
		"closed in the middle":       {serve: raw(say("Hel"), whole[:len(whole)/2]), fails: broken, told: "Hel"},
		"closed in a chunk":          {serve: raw(say("Hel")+say("lo!")[:30], whole[:len(whole)-3]), fails: broken, told: "Hel"},
		"reset in the middle":        {serve: resetAfter(say("Hel"), whole[:len(whole)/2]), fails: broken, told: "Hel"},
		"garbage in the middle":      {serve: raw(say("Hel")+"data: oops\n\n"+tail, "{oops}"), fails: broken, told: "Hel"},
		"HTML in the middle":         {serve: raw(say("Hel")+"data: <html></html>\n\n"+tail, whole+"<html></html>"), fails: broken, told: "Hel"},
		"cut in a character":         {serve: raw(say("Hel\xF0\x9F"), whole[:len(whole)/2]), fails: broken, told: "Hel"},
	}
}

func silences() map[string]behaviour {
	whole := message(`"content":"Hello!"`)
	pause := limit / 2
	return map[string]behaviour{
		"silence":                  {serve: func(_ http.ResponseWriter, r *http.Request, _ request) { <-r.Context().Done() }, fails: busy},
		"silence after the head":   {serve: silentAfter("", ""), fails: busy},
		"silence in the middle":    {serve: silentAfter(say("Hel"), whole[:len(whole)/2]), fails: busy, told: "Hel"},
		"silence after the finish": {serve: unless(func(r request) bool { return r.Stream }, hello, silentAfter(say("Hello!")+end, "")), text: "Hello!"},
		"slow, with heartbeats": {serve: slowly(pause,
			[]string{": hm\n\n", ": hm\n\n", say("Hello!"), tail},
			[]string{" ", "\n", " ", whole}), text: "Hello!"},
	}
}

func floods() map[string]behaviour {
	const size = 20 << 20
	return map[string]behaviour{
		"20 MB of text":           {serve: raw(flood("", say(strings.Repeat("x", 8192)), tail, size), message(`"content":"`+strings.Repeat("x", size)+`"`)), fails: broken, told: strings.Repeat("x", model.MaxAnswerText)},
		"a line of 20 MB":         {serve: raw(say("Hel")+say(strings.Repeat("x", size)), message(`"content":"`+strings.Repeat("x", size)+`"`)), fails: broken, told: "Hel"},
		"an event of 20 MB":       {serve: raw(say("Hel")+strings.Repeat("data: "+strings.Repeat("x", 8192)+"\n", size/8192), strings.Repeat(" ", size)), fails: broken, told: "Hel"},
		"a body without newlines": {serve: raw(strings.Repeat("data", size/4), "{"+strings.Repeat(" ", size)), fails: broken},
	}
}

func dialects() map[string]behaviour {
	has := func(field string) func(request) bool {
		return func(r request) bool { return !bytes.Contains(r.body, []byte(`"`+field+`":`)) }
	}
	detail := func(field string) string {
		return `{"detail":[{"type":"extra_forbidden","loc":["body","` + field + `"],"msg":"Extra inputs are not permitted","input":true}]}`
	}
	return map[string]behaviour{
		"no stream_options":     {serve: unless(has("stream_options"), status(400, wrong("Unrecognized request argument supplied: stream_options", "invalid_request_error", "", "")), hello), text: "Hello!", turns: 2},
		"no stream_options 422": {serve: unless(has("stream_options"), status(422, detail("stream_options")), hello), text: "Hello!"},
		"no max_tokens": {serve: unless(has("max_tokens"),
			status(400, wrong("Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.", "invalid_request_error", "max_tokens", "unsupported_parameter")),
			unless(func(r request) bool { return r.MaxNew > 0 }, status(500, ""), hello)), text: "Hello!", turns: 2},
		"no max_tokens 422":      {serve: unless(has("max_tokens"), status(422, detail("max_tokens")), hello), text: "Hello!"},
		"no temperature":         {serve: unless(has("temperature"), status(400, wrong("Unsupported value: 'temperature' does not support 0.7 with this model.", "invalid_request_error", "temperature", "unsupported_value")), hello), text: "Hello!"},
		"no temperature \"400\"": {serve: unless(has("temperature"), status(400, `{"error":{"code":"400","message":"temperature is not supported"}}`), hello), text: "Hello!"},
		"no temperature in 200":  {serve: unless(has("temperature"), status(200, `{"error":{"code":400,"message":"temperature is not supported"}}`), hello), text: "Hello!"},
		"no optional parameters": {serve: unless(has("stream_options"), status(422, detail("stream_options")),
			unless(has("temperature"), status(422, detail("temperature")), unless(has("max_tokens"), status(422, detail("max_tokens")), hello))), text: "Hello!"},
		"at most 256 tokens": {serve: unless(func(r request) bool { return r.MaxTokens <= 256 }, status(400, wrong("max_tokens is too large: 4096. This model supports at most 256 completion tokens.", "invalid_request_error", "max_tokens", "invalid_value")), hello), text: "Hello!"},
		"no system messages": {serve: unless(func(r request) bool { return r.Messages[0].Role == "user" }, status(400, wrong("System role not supported", "BadRequestError", "", "")), hello), text: "Hello!"},
	}
}

func contexts() map[string]behaviour {
	vllm := func(limit, prompt, output int) serve {
		return status(400, `{"object":"error","message":"This model's maximum context length is `+fmt.Sprint(limit)+` tokens. However, you requested `+fmt.Sprint(prompt+output)+
			` tokens (`+fmt.Sprint(prompt)+` in the messages, `+fmt.Sprint(output)+` in the completion).","type":"BadRequestError","param":null,"code":400}`)
	}
	llama := func(limit, prompt, _ int) serve {
		return status(400, fmt.Sprintf(`{"error":{"code":400,"message":"the request exceeds the available context size, try increasing it","type":"exceed_context_size_error","n_prompt_tokens":%d,"n_ctx":%d}}`, prompt, limit))
	}
	mute := func(int, int, int) serve {
		return status(400, wrong("Please reduce the length of the messages.", "invalid_request_error", "messages", "context_length_exceeded"))
	}
	return map[string]behaviour{
		"a context of 4,096":           {serve: context(4096, vllm), text: "Hello!", turns: 6, size: 4000},
		"a context of 8,192":           {serve: context(8192, llama), text: "Hello!", turns: 9, size: 4000},
		"a context without a figure":   {serve: context(4096, mute), text: "Hello!", turns: 6, size: 4000},
		"a message beyond the context": {serve: context(4096, vllm), fails: fault.Invalid, size: 60_000},
		"a message beyond, no figure":  {serve: context(4096, mute), fails: fault.Invalid, size: 60_000},
	}
}
