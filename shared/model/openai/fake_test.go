package openai_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/modeltest"
	"github.com/quintet-agents/quintet/shared/model/picture"
	"github.com/quintet-agents/quintet/shared/model/scripted"
)

// fake serves the scripted model as OpenAI's chat completions. It is as strict about
// conversations as the chat templates of open models.
type fake struct {
	wait modeltest.Wait
}

type object map[string]any

type fakeRequest struct {
	Model         string  `json:"model"`
	Stream        bool    `json:"stream"`
	MaxTokens     int     `json:"max_tokens"`
	Temperature   float64 `json:"temperature"`
	StreamOptions struct {
		IncludeUsage bool `json:"include_usage"`
	} `json:"stream_options"`
	Messages []fakeMessage `json:"messages"`
}

type fakeMessage struct {
	Role       string          `json:"role"`
	Content    json.RawMessage `json:"content"`
	ToolCallID string          `json:"tool_call_id"`
	ToolCalls  []struct {
		ID       string `json:"id"`
		Type     string `json:"type"`
		Function struct {
			Name      string `json:"name"`
			Arguments string `json:"arguments"`
		} `json:"function"`
	} `json:"tool_calls"`
}

// fakePart is one part of a message's content.
type fakePart struct {
	Type     string `json:"type"`
	Text     string `json:"text"`
	ImageURL struct {
		URL string `json:"url"`
	} `json:"image_url"`
}

// image reads the part's data URL. OpenAI sniffs the format, and so does the fake.
func (p fakePart) image() (model.Image, error) {
	kind, encoded, _ := strings.Cut(p.ImageURL.URL, ";base64,")
	data, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return model.Image{}, err
	}
	image, err := picture.Read(data)
	if err == nil && kind != "data:"+image.Type {
		err = fmt.Errorf("%s for %s", kind, image.Type)
	}
	return image, err
}

// images returns the images of the content.
func (m fakeMessage) images() ([]model.Image, error) {
	var parts []fakePart
	_ = json.Unmarshal(m.Content, &parts) // fails for a string
	var images []model.Image
	for _, p := range parts {
		switch {
		case p.Type == "text" && p.Text != "" && p.ImageURL.URL == "":
		case p.Type == "image_url" && p.Text == "" && m.Role == "user":
			image, err := p.image()
			if err != nil {
				return nil, err
			}
			images = append(images, image)
		default:
			return nil, fmt.Errorf("part %+v", p)
		}
	}
	return images, nil
}

// texts returns the texts of the content: a string, or a list of parts.
func (m fakeMessage) texts() []string {
	var text string
	if json.Unmarshal(m.Content, &text) == nil {
		return []string{text}
	}
	var parts []fakePart
	_ = json.Unmarshal(m.Content, &parts)
	var texts []string
	for _, p := range parts {
		if p.Type == "text" {
			texts = append(texts, p.Text)
		}
	}
	return texts
}

func (f fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost || r.URL.Path != "/v1/chat/completions" {
		complain(w, http.StatusNotFound, "unknown_url", "Invalid URL")
		return
	}
	var req fakeRequest
	if err := json.NewDecoder(r.Body).Decode(&req); err != nil {
		complain(w, http.StatusBadRequest, "invalid_json", err.Error())
		return
	}
	conversation, err := req.conversation()
	if err != nil {
		complain(w, http.StatusBadRequest, "invalid_request_error", err.Error())
		return
	}
	a := scripted.Respond(conversation)
	switch a.Fault {
	case scripted.Throttled:
		complain(w, http.StatusTooManyRequests, "rate_limit_exceeded", "Rate limit reached")
	case scripted.NoImages:
		complain(w, http.StatusBadRequest, "invalid_request_error", "Invalid content type. image_url is only supported by certain models.")
	case scripted.NoModel:
		complain(w, http.StatusNotFound, "model_not_found", "The model does not exist or you do not have access to it.")
	case scripted.Failed:
		complain(w, http.StatusInternalServerError, "server_error", "The server had an error")
	default:
		if req.Stream {
			f.stream(w, r, a)
		} else {
			f.whole(w, r, a)
		}
	}
}

// conversation checks the request and converts it for scripted.Respond.
func (r fakeRequest) conversation() (model.Request, error) {
	req := model.Request{MaxTokens: r.MaxTokens}
	if r.Stream != r.StreamOptions.IncludeUsage {
		return req, fmt.Errorf("stream %v, include_usage %v", r.Stream, r.StreamOptions.IncludeUsage)
	}
	if r.MaxTokens < 1 || r.Model == "" {
		return req, fmt.Errorf("model %q, max_tokens %d", r.Model, r.MaxTokens)
	}
	open := map[string]bool{}
	last := "assistant"
	for i, m := range r.Messages {
		if m.Role == "system" && i == 0 {
			req.System = m.texts()[0]
			continue
		}
		if (m.Role == "tool") != (len(open) > 0) {
			return req, fmt.Errorf("message %d of role %s with %d calls unanswered", i, m.Role, len(open))
		}
		switch m.Role {
		case "user", "assistant":
			if m.Role == last || last == "tool" && m.Role == "user" {
				return req, fmt.Errorf("message %d: conversation roles must alternate", i)
			}
			said := model.Message{Role: model.Role(m.Role)}
			for _, c := range m.ToolCalls {
				if c.Type != "function" || !json.Valid([]byte(c.Function.Arguments)) {
					return req, fmt.Errorf("message %d: call %+v", i, c)
				}
				open[c.ID] = true
				said.ToolCalls = append(said.ToolCalls, model.ToolCall{ID: c.ID, Name: c.Function.Name, Input: json.RawMessage(c.Function.Arguments)})
			}
			for _, text := range m.texts() {
				if strings.TrimSpace(text) == "" {
					return req, fmt.Errorf("message %d is blank", i)
				}
				req.Messages = append(req.Messages, model.Message{Role: said.Role, Text: text})
			}
			if len(said.ToolCalls) > 0 {
				req.Messages = append(req.Messages, said)
			}
			images, err := m.images()
			if err != nil {
				return req, fmt.Errorf("message %d: %w", i, err)
			}
			switch n := len(m.texts()); {
			case len(images) == 0:
			case n == 0:
				req.Messages = append(req.Messages, model.Message{Role: said.Role, Images: images})
			default:
				req.Messages[len(req.Messages)-1].Images = images
			}
		case "tool":
			if !open[m.ToolCallID] {
				return req, fmt.Errorf("message %d answers no call", i)
			}
			delete(open, m.ToolCallID)
			req.Messages = append(req.Messages, model.Message{Role: model.User, ToolResults: []model.ToolResult{{CallID: m.ToolCallID, Text: m.texts()[0]}}})
		default:
			return req, fmt.Errorf("message %d has role %q", i, m.Role)
		}
		last = m.Role
	}
	if last == "assistant" {
		return req, fmt.Errorf("the last message is not the user's")
	}
	return req, nil
}

func (f fake) whole(w http.ResponseWriter, r *http.Request, a scripted.Answer) {
	for range a.Deltas {
		if a.Delay > 0 && f.wait(r.Context(), a.Delay) != nil {
			return
		}
	}
	if a.Break >= 0 {
		complain(w, http.StatusInternalServerError, "server_error", "The model stopped")
		return
	}
	message := object{"role": "assistant", "content": a.Text(), "refusal": nil}
	var calls []object
	for _, c := range a.Calls {
		calls = append(calls, object{"id": c.ID, "type": "function", "function": object{"name": c.Name, "arguments": string(c.Input)}})
	}
	if len(calls) > 0 {
		message["tool_calls"] = calls
	}
	reply(w, http.StatusOK, object{
		"id": "chatcmpl-1", "object": "chat.completion", "created": 1700000000, "model": "local",
		"choices": []object{{"index": 0, "message": message, "logprobs": nil, "finish_reason": finishReason(a.Stop)}},
		"usage":   usage(a.Usage),
	})
}

func (f fake) stream(w http.ResponseWriter, r *http.Request, a scripted.Answer) {
	s := sse{w: w}
	s.delta(object{"role": "assistant", "content": ""})
	for i, text := range a.Deltas {
		if i == a.Break {
			break
		}
		if a.Delay > 0 && f.wait(r.Context(), a.Delay) != nil {
			return
		}
		s.delta(object{"content": text})
	}
	if a.Break >= 0 {
		s.data(object{"error": object{"message": "The model stopped", "type": "server_error", "code": nil}})
		return
	}
	for i, c := range a.Calls {
		s.delta(object{"tool_calls": []object{{"index": i, "id": c.ID, "type": "function", "function": object{"name": c.Name, "arguments": ""}}}})
		for _, piece := range scripted.Pieces(c.Input) {
			s.delta(object{"tool_calls": []object{{"index": i, "function": object{"arguments": piece}}}})
		}
	}
	s.chunk([]object{{"index": 0, "delta": object{}, "logprobs": nil, "finish_reason": finishReason(a.Stop)}}, nil)
	s.chunk([]object{}, usage(a.Usage))
	s.done()
}

// sse writes a stream and flushes each event.
type sse struct {
	w http.ResponseWriter
}

func (s sse) delta(delta object) {
	s.chunk([]object{{"index": 0, "delta": delta, "logprobs": nil, "finish_reason": nil}}, nil)
}

func (s sse) chunk(choices []object, usage any) {
	s.data(object{
		"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1700000000, "model": "local",
		"choices": choices, "usage": usage, "obfuscation": "xyz",
	})
}

func (s sse) data(v object) {
	body, _ := json.Marshal(v)
	s.w.Header().Set("Content-Type", "text/event-stream")
	fmt.Fprintf(s.w, "data: %s\n\n", body)
	s.w.(http.Flusher).Flush()
}

func (s sse) done() { fmt.Fprint(s.w, "data: [DONE]\n\n") }

func usage(u model.Usage) object {
	return object{"prompt_tokens": u.Input, "completion_tokens": u.Output, "total_tokens": u.Input + u.Output}
}

func finishReason(s model.Stop) string {
	switch s {
	case model.StopTools:
		return "tool_calls"
	case model.StopLength:
		return "length"
	default:
		return "stop"
	}
}

// complain sends an error. Its header tells the client not to retry, which keeps the
// tests fast.
func complain(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("X-Should-Retry", "false")
	reply(w, status, object{"error": object{"message": message, "type": code, "param": nil, "code": code}})
}

func reply(w http.ResponseWriter, status int, v object) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// answer returns a fixed answer of the model.
func answer(text string) scripted.Answer {
	return scripted.Answer{Deltas: []string{text}, Break: -1, Stop: model.StopEnd}
}
