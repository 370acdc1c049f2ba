package providers_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// server is an OpenAI-compatible server. The model's name selects its behaviour.
type server struct {
	behaviours map[string]behaviour

	mu    sync.Mutex
	asked map[string]int // by the user's text
}

// request is a request to the server.
type request struct {
	Model       string          `json:"model"`
	Stream      bool            `json:"stream"`
	MaxTokens   int             `json:"max_tokens"`
	MaxNew      int             `json:"max_completion_tokens"`
	Temperature *float64        `json:"temperature"`
	Options     json.RawMessage `json:"stream_options"`
	Messages    []struct {
		Role    string          `json:"role"`
		Content json.RawMessage `json:"content"`
	} `json:"messages"`

	body  []byte
	times int // how often the same text was sent before
}

// last returns the role and the text of the last message.
func (r request) last() (role, text string) {
	m := r.Messages[len(r.Messages)-1]
	_ = json.Unmarshal(m.Content, &text)
	return m.Role, text
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var req request
	if err != nil || json.Unmarshal(body, &req) != nil || len(req.Messages) == 0 {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	req.body = body
	b, ok := s.behaviours[req.Model]
	if !ok {
		http.Error(w, "no such behaviour", http.StatusNotFound)
		return
	}
	_, text := req.last()
	s.mu.Lock()
	req.times = s.asked[text]
	s.asked[text]++
	s.mu.Unlock()
	w.Header().Set("X-Should-Retry", "false") // makes the test faster; some behaviours need retries
	b.serve(w, r, req)
}

// timesAsked returns how often a text was sent.
func (s *server) timesAsked(text string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[text]
}

// serve answers a request.
type serve func(w http.ResponseWriter, r *http.Request, req request)

const (
	end   = `data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\n\n"
	spent = `data: {"choices":[],"usage":` + usage + "}\n\n"
	done  = "data: [DONE]\n\n"
	usage = `{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13}`
	tail  = end + spent + done
)

// delta returns a chunk whose delta has the given fields, in JSON.
func delta(fields string) string {
	return `data: {"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{` + fields + `},"finish_reason":null}],"usage":null}` + "\n\n"
}

// say returns a chunk of text, given as JSON.
func say(text string) string { return delta(`"content":"` + text + `"`) }

// message returns a whole answer whose message has the given fields, in JSON.
func message(fields string) string { return messageUsing(fields, usage) }

func messageUsing(fields, usage string) string {
	return `{"id":"c","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant",` + fields + `},"finish_reason":"stop"}],"usage":` + usage + `}`
}

// raw sends one of two bodies: for a stream, or for a whole answer.
func raw(stream, whole string) serve {
	return func(w http.ResponseWriter, _ *http.Request, req request) {
		body := whole
		w.Header().Set("Content-Type", "application/json")
		if req.Stream {
			body = stream
			w.Header().Set("Content-Type", "text/event-stream")
		}
		_, _ = io.WriteString(w, body)
	}
}

// hello answers hello as OpenAI does.
var hello = raw(say("Hel")+say("lo!")+tail, message(`"content":"Hello!"`))

// framed sends the usual stream in another framing.
func framed(change func(string) string) serve {
	return raw(change(say("Hel")+say("lo!")+tail), message(`"content":"Hello!"`))
}

// counted answers hello with another usage, in JSON.
func counted(usage string) serve {
	return raw(say("Hel")+say("lo!")+end+`data: {"choices":[],"usage":`+usage+"}\n\n"+done, messageUsing(`"content":"Hello!"`, usage))
}

// status answers with a status and a body.
func status(code int, body string, headers ...string) serve {
	return func(w http.ResponseWriter, _ *http.Request, _ request) {
		w.Header().Set("Content-Type", "application/json")
		if strings.HasPrefix(body, "<") {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
		}
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body)
	}
}

// wrong returns an error's body in OpenAI's form.
func wrong(message, kind, param, code string) string {
	b, _ := json.Marshal(map[string]any{"error": map[string]any{"message": message, "type": kind, "param": param, "code": code}})
	return string(b)
}

// slowly sends pieces, with a pause before each.
func slowly(pause time.Duration, stream, whole []string) serve {
	return func(w http.ResponseWriter, r *http.Request, req request) {
		pieces := whole
		if req.Stream {
			pieces = stream
			w.Header().Set("Content-Type", "text/event-stream")
		}
		for _, p := range pieces {
			if !sleep(r, pause) {
				return
			}
			_, _ = io.WriteString(w, p)
			flush(w)
		}
	}
}

func sleep(r *http.Request, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-r.Context().Done():
		return false
	}
}

func flush(w http.ResponseWriter) { _ = http.NewResponseController(w).Flush() }

// silentAfter sends the beginning of an answer, and then is silent.
func silentAfter(stream, whole string) serve {
	return func(w http.ResponseWriter, r *http.Request, req request) {
		if beginning := choose(req, stream, whole); beginning != "" {
			_, _ = io.WriteString(w, beginning)
		}
		flush(w)
		<-r.Context().Done()
	}
}

func choose(req request, stream, whole string) string {
	if req.Stream {
		return stream
	}
	return whole
}

// resetAfter sends the beginning of an answer and resets the connection. With no beginning it sends
// no header either.
func resetAfter(stream, whole string) serve {
	return func(w http.ResponseWriter, _ *http.Request, req request) {
		conn, buffer, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		if beginning := choose(req, stream, whole); beginning != "" {
			_, _ = fmt.Fprintf(buffer, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", len(beginning), beginning)
			_ = buffer.Flush()
			time.Sleep(100 * time.Millisecond) // a reset discards bytes that the client has not read
		}
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = conn.Close()
	}
}

// flood repeats a piece until size bytes are sent.
func flood(first, piece, last string, size int) string {
	return first + strings.Repeat(piece, size/len(piece)+1) + last
}

// unless answers otherwise if the request is as expected.
func unless(ok func(req request) bool, refusal, otherwise serve) serve {
	return func(w http.ResponseWriter, r *http.Request, req request) {
		if ok(req) {
			otherwise(w, r, req)
		} else {
			refusal(w, r, req)
		}
	}
}

// context returns a server whose model has a context of some tokens, of 4 bytes each.
func context(tokens int, refusal func(limit, prompt, output int) serve) serve {
	return func(w http.ResponseWriter, r *http.Request, req request) {
		prompt := 0
		for _, m := range req.Messages {
			prompt += len(m.Content)/4 + 4
		}
		if prompt+req.MaxTokens > tokens {
			refusal(tokens, prompt, req.MaxTokens)(w, r, req)
			return
		}
		hello(w, r, req)
	}
}

// calling calls tools, and answers once it has their results.
func calling(stream, whole string) serve {
	return func(w http.ResponseWriter, r *http.Request, req request) {
		if role, _ := req.last(); role == "tool" {
			raw(say("Do")+say("ne.")+tail, message(`"content":"Done."`))(w, r, req)
			return
		}
		raw(stream, whole)(w, r, req)
	}
}
