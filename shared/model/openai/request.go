package openai

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	sdk "github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/packages/param"
	"github.com/openai/openai-go/v3/shared"

	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/turns"
)

// parameters makes the request.
//
// The output limit goes into max_tokens. OpenAI has deprecated it in favour of
// max_completion_tokens, but that one Ollama and llama.cpp accept and ignore,
// and an answer without a limit can cost more than the caller has. max_tokens
// is understood by Ollama, vLLM and OpenAI's own models, except the reasoning
// ones, which refuse it loudly: see adapt. Sending both is refused by OpenAI.
func parameters(req model.Request) sdk.ChatCompletionNewParams {
	params := sdk.ChatCompletionNewParams{
		Model:       req.Model,
		MaxTokens:   param.NewOpt(int64(max(req.MaxTokens, 1))),
		Temperature: param.NewOpt(req.Temperature),
	}
	if strings.TrimSpace(req.System) != "" {
		params.Messages = append(params.Messages, sdk.SystemMessage(req.System))
	}
	for _, t := range turns.Arrange(req.Messages) {
		params.Messages = append(params.Messages, messages(t)...)
	}
	for _, t := range req.Tools {
		params.Tools = append(params.Tools, tool(t))
	}
	return params
}

// adapt changes the parameters after what a reasoning model complains of, and
// reports whether there was something to change.
func adapt(params *sdk.ChatCompletionNewParams, err error) bool {
	var complaint *sdk.Error
	if !errors.As(err, &complaint) || complaint.StatusCode != http.StatusBadRequest {
		return false
	}
	switch {
	case complaint.Param == "max_tokens" && complaint.Code == "unsupported_parameter" && params.MaxTokens.Valid():
		params.MaxCompletionTokens, params.MaxTokens = params.MaxTokens, param.Opt[int64]{}
		return true
	case complaint.Param == "temperature" && strings.HasPrefix(complaint.Code, "unsupported_") && params.Temperature.Valid():
		params.Temperature = param.Opt[float64]{}
		return true
	}
	return false
}

func messages(t turns.Turn) []sdk.ChatCompletionMessageParamUnion {
	if t.Role == model.Assistant {
		return []sdk.ChatCompletionMessageParamUnion{assistant(t)}
	}
	var out []sdk.ChatCompletionMessageParamUnion
	for _, r := range t.Results {
		// There is no field for a failure; the text has to say it.
		out = append(out, sdk.ToolMessage(r.Text, r.CallID))
	}
	switch len(t.Texts) {
	case 0:
	case 1:
		out = append(out, sdk.UserMessage(t.Texts[0])) // a plain string is what every server takes
	default:
		parts := make([]sdk.ChatCompletionContentPartUnionParam, len(t.Texts))
		for i, text := range t.Texts {
			parts[i] = sdk.TextContentPart(text)
		}
		out = append(out, sdk.UserMessage(parts))
	}
	return out
}

func assistant(t turns.Turn) sdk.ChatCompletionMessageParamUnion {
	var m sdk.ChatCompletionAssistantMessageParam
	if len(t.Texts) > 0 {
		m.Content.OfString = param.NewOpt(strings.Join(t.Texts, "\n\n"))
	}
	for _, c := range t.Calls {
		arguments := string(c.Input)
		if arguments == "" {
			arguments = "{}"
		}
		m.ToolCalls = append(m.ToolCalls, sdk.ChatCompletionMessageToolCallUnionParam{
			OfFunction: &sdk.ChatCompletionMessageFunctionToolCallParam{
				ID:       c.ID,
				Function: sdk.ChatCompletionMessageFunctionToolCallFunctionParam{Name: c.Name, Arguments: arguments},
			},
		})
	}
	return sdk.ChatCompletionMessageParamUnion{OfAssistant: &m}
}

func tool(t model.Tool) sdk.ChatCompletionToolUnionParam {
	function := shared.FunctionDefinitionParam{Name: t.Name}
	if t.Description != "" {
		function.Description = param.NewOpt(t.Description)
	}
	schema := t.Schema
	if len(schema) == 0 {
		schema = json.RawMessage(`{"type":"object","properties":{}}`)
	}
	// As it is: through the SDK's map the properties would lose their order,
	// which models follow.
	function.SetExtraFields(map[string]any{"parameters": schema})
	return sdk.ChatCompletionFunctionTool(function)
}
