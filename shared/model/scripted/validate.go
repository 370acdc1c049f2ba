package scripted

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var toolName = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`)

// invalid returns Bedrock's error message for an invalid request, or "".
func (r *converseRequest) invalid() string {
	if n := r.InferenceConfig.MaxTokens; n != nil && *n < 1 {
		return fmt.Sprintf("1 validation error detected: Value '%d' at 'inferenceConfig.maxTokens' failed to satisfy constraint: Member must have value greater than or equal to 1", *n)
	}
	if t := r.InferenceConfig.Temperature; t != nil && (*t < 0 || *t > 1) {
		return fmt.Sprintf("1 validation error detected: Value '%v' at 'inferenceConfig.temperature' failed to satisfy constraint: Member must have value between 0 and 1", *t)
	}
	for i, s := range r.InferenceConfig.StopSequences {
		if s == "" {
			return fmt.Sprintf("1 validation error detected: Value '' at 'inferenceConfig.stopSequences.%d.member' failed to satisfy constraint: Member must have length greater than or equal to 1", i+1)
		}
		if blank(s) { // a rule of Anthropic's models
			return "The model returned the following errors: stop_sequences: each stop sequence must contain non-whitespace"
		}
	}
	for i, b := range r.System {
		if b.Text == nil || blank(*b.Text) {
			return fmt.Sprintf("The text field in the SystemContentBlock object at system.%d is blank. Add text to the text field, and try again.", i)
		}
	}
	for _, check := range []func() string{r.invalidTools, r.invalidTurns, r.invalidToolBlocks, r.invalidImages} {
		if message := check(); message != "" {
			return message
		}
	}
	return ""
}

func (r *converseRequest) invalidTools() string {
	if r.ToolConfig == nil {
		return ""
	}
	if len(r.ToolConfig.Tools) == 0 {
		return "1 validation error detected: Value '[]' at 'toolConfig.tools' failed to satisfy constraint: Member must have length greater than or equal to 1"
	}
	seen := map[string]bool{}
	for i, t := range r.ToolConfig.Tools {
		if t.ToolSpec == nil {
			continue
		}
		if !toolName.MatchString(t.ToolSpec.Name) {
			return fmt.Sprintf("1 validation error detected: Value '%s' at 'toolConfig.tools.%d.member.toolSpec.name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+", t.ToolSpec.Name, i+1)
		}
		if seen[t.ToolSpec.Name] {
			return fmt.Sprintf("The tool %s is already defined at toolConfig.tools.%d.", t.ToolSpec.Name, i)
		}
		seen[t.ToolSpec.Name] = true
		var schema struct {
			Type string `json:"type"`
		}
		if json.Unmarshal(t.ToolSpec.InputSchema.JSON, &schema) != nil || schema.Type != "object" {
			return fmt.Sprintf("The value at toolConfig.tools.%d.toolSpec.inputSchema.json.type must be one of the following: object.", i)
		}
	}
	return ""
}

// invalidTurns checks the roles, their order, and that no message is empty.
func (r *converseRequest) invalidTurns() string {
	if len(r.Messages) == 0 || r.Messages[0].Role != "user" {
		return "A conversation must start with a user message. Try again with a conversation that starts with a user message."
	}
	for i, m := range r.Messages {
		if m.Role != "user" && m.Role != "assistant" {
			return fmt.Sprintf("1 validation error detected: Value '%s' at 'messages.%d.member.role' failed to satisfy constraint: Member must satisfy enum value set: [user, assistant]", m.Role, i+1)
		}
		if i > 0 && m.Role == r.Messages[i-1].Role {
			return "A conversation must alternate between user and assistant roles. Make sure the conversation alternates between user and assistant roles and try again."
		}
		if len(m.Content) == 0 {
			return fmt.Sprintf("The content field in the Message object at messages.%d is empty. Add a ContentBlock object to the content field and try again.", i)
		}
		for j, b := range m.Content {
			if b.Text != nil && blank(*b.Text) {
				return fmt.Sprintf("The text field in the ContentBlock object at messages.%d.content.%d is blank. Add text to the text field, and try again.", i, j)
			}
			if b.Text == nil && b.Image == nil && b.ToolUse == nil && b.ToolResult == nil {
				return fmt.Sprintf("The ContentBlock object at messages.%d.content.%d must set one of the following keys: text, image, toolUse, toolResult.", i, j)
			}
		}
	}
	if r.Messages[len(r.Messages)-1].Role != "user" {
		return "This model does not support assistant message prefill. The conversation must end with a user message."
	}
	return ""
}

// invalidToolBlocks checks that each turn has exactly the results of the calls of the
// turn before.
func (r *converseRequest) invalidToolBlocks() string { //nolint:gocognit // Bedrock's rules, one after the other
	var open []string // ids of the calls of the turn before
	for i, m := range r.Messages {
		var called, answered []string
		texts := 0
		for _, b := range m.Content {
			switch {
			case b.ToolUse != nil:
				called = append(called, b.ToolUse.ToolUseID)
				if !json.Valid(b.ToolUse.Input) || !strings.HasPrefix(strings.TrimSpace(string(b.ToolUse.Input)), "{") {
					return fmt.Sprintf("The format of the value at messages.%d.content.toolUse.input is invalid. Provide a json object for the field and try again.", i)
				}
			case b.ToolResult != nil:
				answered = append(answered, b.ToolResult.ToolUseID)
				for j, c := range b.ToolResult.Content {
					if c.Text != nil && blank(*c.Text) {
						return fmt.Sprintf("The text field in the ToolResultContentBlock object at messages.%d.content.toolResult.content.%d is blank. Add text to the text field, and try again.", i, j)
					}
				}
			default:
				texts++
			}
		}
		if len(called)+len(answered) > 0 && r.ToolConfig == nil {
			return "The toolConfig field must be defined when using toolUse and toolResult content blocks."
		}
		if len(called) > 0 && m.Role != "assistant" || len(answered) > 0 && m.Role != "user" {
			return fmt.Sprintf("The role at messages.%d cannot carry this tool block. Calls are the assistant's, results the user's.", i)
		}
		if len(answered) > 0 && texts > 0 {
			return "Conversation blocks and tool result blocks cannot be provided in the same turn."
		}
		if len(answered) > len(open) {
			return fmt.Sprintf("The number of toolResult blocks at messages.%d.content exceeds the number of toolUse blocks of previous turn.", i)
		}
		var missing []string
		for _, id := range open {
			if !slices.Contains(answered, id) {
				missing = append(missing, id)
			}
		}
		if len(missing) > 0 {
			return fmt.Sprintf("Expected toolResult blocks at messages.%d.content for the following Ids: %s", i, strings.Join(missing, ", "))
		}
		open = called
	}
	return ""
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }
