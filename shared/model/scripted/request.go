package scripted

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/quintet-agents/quintet/shared/model"
)

// The fields that the model reads of a Converse or ConverseStream request.
type (
	converseRequest struct {
		Messages        []wireMessage `json:"messages"`
		System          []wireBlock   `json:"system"`
		InferenceConfig struct {
			MaxTokens     *int     `json:"maxTokens"`
			Temperature   *float64 `json:"temperature"`
			StopSequences []string `json:"stopSequences"`
		} `json:"inferenceConfig"`
		ToolConfig *struct {
			Tools []wireTool `json:"tools"`
		} `json:"toolConfig"`
	}
	wireMessage struct {
		Role    string      `json:"role"`
		Content []wireBlock `json:"content"`
	}
	wireBlock struct {
		Text       *string         `json:"text,omitempty"`
		Image      *wireImage      `json:"image,omitempty"`
		ToolUse    *wireToolUse    `json:"toolUse,omitempty"`
		ToolResult *wireToolResult `json:"toolResult,omitempty"`
	}
	wireToolUse struct {
		ToolUseID string          `json:"toolUseId"`
		Name      string          `json:"name"`
		Input     json.RawMessage `json:"input"`
	}
	wireToolResult struct {
		ToolUseID string `json:"toolUseId"`
		Status    string `json:"status"`
		Content   []struct {
			Text *string         `json:"text"`
			JSON json.RawMessage `json:"json"`
		} `json:"content"`
	}
	wireTool struct {
		ToolSpec *struct {
			Name        string `json:"name"`
			Description string `json:"description"`
			InputSchema struct {
				JSON json.RawMessage `json:"json"`
			} `json:"inputSchema"`
		} `json:"toolSpec"`
	}
)

// conversation converts a valid request for Respond. Every text block becomes a
// message: clients join neighbouring user messages, because Bedrock requires
// alternating roles, and Respond needs the separate messages. The images of a message
// go to the last of its texts.
func (r *converseRequest) conversation() model.Request {
	var req model.Request
	var system []string
	for _, b := range r.System {
		if b.Text != nil {
			system = append(system, *b.Text)
		}
	}
	req.System = strings.Join(system, "\n")
	if r.InferenceConfig.MaxTokens != nil {
		req.MaxTokens = *r.InferenceConfig.MaxTokens
	}
	req.Stop = r.InferenceConfig.StopSequences
	for _, m := range r.Messages {
		images := m.images()
		for _, b := range m.Content {
			said := model.Message{Role: model.Role(m.Role)}
			switch {
			case b.Image != nil:
				continue
			case b.Text != nil:
				said.Text = *b.Text
			case b.ToolUse != nil:
				said.ToolCalls = []model.ToolCall{{ID: b.ToolUse.ToolUseID, Name: b.ToolUse.Name, Input: b.ToolUse.Input}}
			case b.ToolResult != nil:
				said.ToolResults = []model.ToolResult{{CallID: b.ToolResult.ToolUseID, Text: b.ToolResult.text(), Failed: b.ToolResult.Status == "error"}}
			}
			req.Messages = append(req.Messages, said)
		}
		req.Messages = attach(images, req.Messages)
	}
	return req
}

// attach adds images to the last message if that is the user's and has a text, otherwise as a
// message of their own.
func attach(images []model.Image, messages []model.Message) []model.Message {
	if len(images) == 0 {
		return messages
	}
	if n := len(messages); n > 0 && messages[n-1].Role == model.User && messages[n-1].Text != "" {
		messages[n-1].Images = images
		return messages
	}
	return append(messages, model.Message{Role: model.User, Images: images})
}

// text returns the result as text: its texts, and its JSON in compact form.
func (t *wireToolResult) text() string {
	var parts []string
	for _, c := range t.Content {
		if c.Text != nil {
			parts = append(parts, *c.Text)
			continue
		}
		var compact bytes.Buffer
		if json.Compact(&compact, c.JSON) == nil {
			parts = append(parts, compact.String())
		}
	}
	return strings.Join(parts, "\n")
}
