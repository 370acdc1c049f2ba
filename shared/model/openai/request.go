package openai

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/turns"
)

type request struct {
	Model               string         `json:"model"`
	Messages            []message      `json:"messages"`
	MaxTokens           *int           `json:"max_tokens,omitempty"`
	MaxCompletionTokens *int           `json:"max_completion_tokens,omitempty"`
	Temperature         *float64       `json:"temperature,omitempty"`
	Stop                []string       `json:"stop,omitempty"`
	Tools               []tool         `json:"tools,omitempty"`
	Stream              bool           `json:"stream,omitempty"`
	StreamOptions       *streamOptions `json:"stream_options,omitempty"`
}

type streamOptions struct {
	IncludeUsage bool `json:"include_usage"`
}

type message struct {
	Role       string `json:"role"`
	Content    any    `json:"content,omitempty"` // a string or []part
	ToolCalls  []call `json:"tool_calls,omitempty"`
	ToolCallID string `json:"tool_call_id,omitempty"`
}

type part struct {
	Type     string    `json:"type"` // text or image_url
	Text     string    `json:"text,omitempty"`
	ImageURL *imageURL `json:"image_url,omitempty"`
}

type call struct {
	ID       string       `json:"id"`
	Type     string       `json:"type"`
	Function calledWithin `json:"function"`
}

type calledWithin struct {
	Name      string `json:"name"`
	Arguments string `json:"arguments"`
}

type tool struct {
	Type     string   `json:"type"`
	Function function `json:"function"`
}

type function struct {
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	Parameters  json.RawMessage `json:"parameters"` // sent unchanged: models follow the order of the properties
}

// body returns the request in the dialect.
//
// It sends the output limit as max_tokens. OpenAI has deprecated that in favour of
// max_completion_tokens, but Ollama and llama.cpp ignore max_completion_tokens, and an
// answer without a limit can cost more than the caller has. Ollama, vLLM and OpenAI's
// own models accept max_tokens, except OpenAI's reasoning models, which refuse it with
// an error. OpenAI refuses requests with both.
func (d dialect) body(req model.Request, stream bool) []byte {
	limit := max(req.MaxTokens, 1)
	if d.maxOutput > 0 {
		limit = min(limit, d.maxOutput)
	}
	r := request{Model: req.Model, Messages: d.messages(req), Stream: stream}
	if d.completionTokens {
		r.MaxCompletionTokens = &limit
	} else {
		r.MaxTokens = &limit
	}
	if !d.noTemperature {
		r.Temperature = &req.Temperature
	}
	if !d.noStop {
		r.Stop = req.Stop
	}
	if stream && !d.noStreamOptions {
		r.StreamOptions = &streamOptions{IncludeUsage: true}
	}
	for _, t := range req.Tools {
		r.Tools = append(r.Tools, toolOf(t))
	}
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(r) // fails for a schema that is not JSON; the endpoint refuses the empty body
	return body.Bytes()
}

func (d dialect) messages(req model.Request) []message {
	var all []message
	system := ""
	if strings.TrimSpace(req.System) != "" {
		system = req.System
	}
	if system != "" && !d.noSystem {
		all = append(all, message{Role: "system", Content: system})
		system = ""
	}
	for _, t := range turns.Arrange(req.Messages) {
		if system != "" && t.Role == model.User && len(t.Texts)+len(t.Images) > 0 {
			t.Texts = append([]string{system}, t.Texts...)
			system = ""
		}
		all = append(all, d.turn(t)...)
	}
	return all
}

func (d dialect) turn(t turns.Turn) []message {
	if t.Role == model.Assistant {
		return []message{assistant(t)}
	}
	var all []message
	for _, r := range t.Results {
		// The API has no field for a failed call: the text must say it.
		all = append(all, message{Role: "tool", Content: r.Text, ToolCallID: r.CallID})
	}
	texts := t.Texts
	if d.plainText && len(texts) > 0 {
		texts = []string{strings.Join(texts, "\n\n")}
	}
	switch {
	case len(t.Images) > 0:
		all = append(all, message{Role: "user", Content: append(imageParts(t.Images), textParts(texts)...)})
	case len(texts) == 0:
	case len(texts) == 1: // every server accepts a plain string
		all = append(all, message{Role: "user", Content: texts[0]})
	default:
		all = append(all, message{Role: "user", Content: textParts(texts)})
	}
	return all
}

func textParts(texts []string) []part {
	parts := make([]part, len(texts))
	for i, text := range texts {
		parts[i] = part{Type: "text", Text: text}
	}
	return parts
}

func assistant(t turns.Turn) message {
	m := message{Role: "assistant"}
	if len(t.Texts) > 0 {
		m.Content = strings.Join(t.Texts, "\n\n")
	}
	for _, c := range t.Calls {
		arguments := string(c.Input)
		if arguments == "" {
			arguments = "{}"
		}
		m.ToolCalls = append(m.ToolCalls, call{ID: c.ID, Type: "function", Function: calledWithin{Name: c.Name, Arguments: arguments}})
	}
	return m
}

func toolOf(t model.Tool) tool {
	schema := t.Schema
	if len(schema) == 0 {
		schema = json.RawMessage(`{"type":"object","properties":{}}`)
	}
	return tool{Type: "function", Function: function{Name: t.Name, Description: t.Description, Parameters: schema}}
}
