// Package openai serves models through any endpoint that speaks OpenAI's chat
// completions: OpenAI itself, Ollama, vLLM, llama.cpp and many gateways.
package openai

import (
	"context"
	"errors"
	"net/http"
	"time"

	sdk "github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"

	"github.com/quintet-agents/quintet/shared/model"
)

// longestRetry is how long the client may wait between its two retries. A
// server that asks for more gets no retry: the caller of an interactive turn is
// better told to come back.
const longestRetry = 2 * time.Second

// Provider is a model.Provider on one endpoint.
type Provider struct {
	completions sdk.ChatCompletionService
}

var _ model.Provider = (*Provider)(nil)

// New returns a provider for the endpoint at baseURL, which includes the
// version (http://127.0.0.1:11434/v1). The key may be empty where none is
// needed. httpClient should have no overall timeout, for that would cut long
// streams; nil is http.DefaultClient.
//
// Requests are retried twice until an answer begins, and never after.
func New(baseURL, apiKey string, httpClient *http.Client) *Provider {
	if httpClient == nil {
		httpClient = http.DefaultClient
	}
	// The service, unlike sdk.NewClient, takes nothing from OPENAI_* variables,
	// which are some other program's.
	options := []option.RequestOption{
		option.WithBaseURL(baseURL),
		option.WithHTTPClient(httpClient),
		option.WithMaxRetries(2),
		option.WithMaxRetryDelay(longestRetry),
	}
	if apiKey != "" {
		options = append(options, option.WithAPIKey(apiKey))
	}
	return &Provider{completions: sdk.NewChatCompletionService(options...)}
}

// Converse implements model.Provider.
func (p *Provider) Converse(ctx context.Context, req model.Request) (model.Reply, error) {
	var out *sdk.ChatCompletion
	response, err := attempt(req, func(params sdk.ChatCompletionNewParams, capture option.RequestOption) (err error) {
		out, err = p.completions.New(ctx, params, capture)
		return err
	})
	if err != nil {
		return model.Reply{}, translate(ctx, err, response)
	}
	if len(out.Choices) == 0 {
		return model.Reply{}, translate(ctx, errNoChoice, response)
	}
	choice := out.Choices[0]
	var calls calls
	for i, c := range choice.Message.ToolCalls {
		calls.add(int64(i), c.ID, c.Function.Name, c.Function.Arguments)
	}
	reply := model.Reply{Text: choice.Message.Content}
	reply.ToolCalls, reply.Stop = calls.finish(choice.FinishReason)
	if out.JSON.Usage.Valid() {
		reply.Usage = usage(out.Usage)
	}
	return reply, nil
}

// attempt calls with the request's parameters, and again without those that
// the endpoint says it does not take. It returns the last HTTP response too,
// because the SDK's error lacks the status when the body is not in OpenAI's form.
func attempt(req model.Request, call func(sdk.ChatCompletionNewParams, option.RequestOption) error) (*http.Response, error) {
	var response *http.Response
	params := parameters(req)
	for {
		err := call(params, option.WithResponseInto(&response))
		if err == nil || !adapt(&params, err) {
			return response, err
		}
	}
}

// usage returns the reported counts, nil when one of them is no count.
func usage(u sdk.CompletionUsage) *model.Usage {
	counted := &model.Usage{Input: int(u.PromptTokens), Output: int(u.CompletionTokens), Reasoning: int(u.CompletionTokensDetails.ReasoningTokens)}
	for _, n := range []int{counted.Input, counted.Output, counted.Reasoning} {
		if n < 0 || n > model.MaxTokenCount {
			return nil
		}
	}
	counted.Reasoning = min(counted.Reasoning, counted.Output)
	return counted
}

var (
	errNoChoice = errors.New("openai: the response has no choice")
	errCutOff   = errors.New("openai: the stream ended before the answer did")
)
