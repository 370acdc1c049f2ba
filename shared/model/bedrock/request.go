package bedrock

import (
	"encoding/json"
	"math"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/gather"
	"github.com/quintet-agents/quintet/shared/model/turns"
)

// input has the fields that Converse and ConverseStream have in common.
type input struct {
	modelID   *string
	messages  []types.Message
	system    []types.SystemContentBlock
	inference *types.InferenceConfiguration
	tools     *types.ToolConfiguration
}

func prepare(req model.Request) (input, error) {
	if req.Model == "" {
		return input{}, fault.New(fault.ModelRefused, "No model is configured")
	}
	if err := imageLimits.Check(req.Messages); err != nil {
		return input{}, err
	}
	conversation := turns.Arrange(req.Messages)
	in := input{
		modelID: aws.String(req.Model),
		inference: &types.InferenceConfiguration{
			MaxTokens: aws.Int32(int32(min(max(req.MaxTokens, 1), math.MaxInt32))),
			// Bedrock accepts temperatures up to 1, other providers up to 2. An agent's
			// setting for those must not make every call fail here.
			Temperature:   aws.Float32(float32(min(max(req.Temperature, 0), 1))),
			StopSequences: req.Stop,
		},
		tools: toolConfig(req.Tools, conversation),
	}
	if strings.TrimSpace(req.System) != "" {
		in.system = []types.SystemContentBlock{&types.SystemContentBlockMemberText{Value: req.System}}
	}
	for _, t := range conversation {
		in.messages = append(in.messages, message(t))
	}
	return in, nil
}

func message(t turns.Turn) types.Message {
	m := types.Message{Role: types.ConversationRole(t.Role)}
	for _, i := range t.Images {
		m.Content = append(m.Content, &types.ContentBlockMemberImage{Value: imageBlock(i)})
	}
	for _, text := range t.Texts {
		m.Content = append(m.Content, &types.ContentBlockMemberText{Value: text})
	}
	for _, c := range t.Calls {
		m.Content = append(m.Content, &types.ContentBlockMemberToolUse{Value: types.ToolUseBlock{
			ToolUseId: aws.String(c.ID), Name: aws.String(c.Name), Input: newDocument(objectOrEmpty(c.Input)),
		}})
	}
	for _, r := range t.Results {
		m.Content = append(m.Content, &types.ContentBlockMemberToolResult{Value: toolResult(r)})
	}
	return m
}

func toolResult(r model.ToolResult) types.ToolResultBlock {
	b := types.ToolResultBlock{
		ToolUseId: aws.String(r.CallID),
		Status:    types.ToolResultStatusSuccess,
		Content:   []types.ToolResultContentBlock{}, // Bedrock refuses a blank text and accepts none
	}
	if r.Failed {
		b.Status = types.ToolResultStatusError
	}
	if strings.TrimSpace(r.Text) != "" {
		b.Content = append(b.Content, &types.ToolResultContentBlockMemberText{Value: r.Text})
	}
	return b
}

// toolConfig returns the definitions of the tools. Bedrock requires a definition of
// every tool in the history, so a tool that is no longer offered gets a minimal one.
func toolConfig(tools []model.Tool, conversation []turns.Turn) *types.ToolConfiguration {
	var config types.ToolConfiguration
	known := map[string]bool{}
	add := func(t model.Tool) {
		if known[t.Name] {
			return
		}
		known[t.Name] = true
		spec := types.ToolSpecification{
			Name:        aws.String(t.Name),
			InputSchema: &types.ToolInputSchemaMemberJson{Value: newDocument(schema(t.Schema))},
		}
		if strings.TrimSpace(t.Description) != "" {
			spec.Description = aws.String(t.Description)
		}
		config.Tools = append(config.Tools, &types.ToolMemberToolSpec{Value: spec})
	}
	for _, t := range tools {
		add(t)
	}
	for _, t := range conversation {
		for _, c := range t.Calls {
			add(model.Tool{Name: c.Name})
		}
	}
	if len(config.Tools) == 0 {
		return nil
	}
	return &config
}

// schema returns a tool's input schema, by default one that allows any object.
func schema(raw json.RawMessage) json.RawMessage {
	if s, ok := gather.Object(raw); ok && string(s) != "{}" {
		return s
	}
	return json.RawMessage(`{"type":"object"}`)
}

func objectOrEmpty(raw json.RawMessage) json.RawMessage {
	if o, ok := gather.Object(raw); ok {
		return o
	}
	return json.RawMessage("{}")
}
