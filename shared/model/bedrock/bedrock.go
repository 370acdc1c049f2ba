// Package bedrock is a model.Provider for Amazon Bedrock's Converse API.
package bedrock

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"

	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/gather"
	"github.com/quintet-agents/quintet/shared/model/watch"
)

// Provider calls models on Bedrock.
type Provider struct {
	client *bedrockruntime.Client
	limits watch.Limits
}

var _ model.Provider = (*Provider)(nil)

// New returns a provider that uses client.
//
// The client does the retries. It should have the SDK's standard retryer with its
// default of three attempts, which also retries connection errors, and a MaxBackoff of
// about a second: with the SDK's default, a caller waits six seconds for the error of a
// busy model. Once a stream is open, nothing is retried, because the caller may have
// seen part of the answer. The HTTP client should use awshttp.PlainBodies and have no
// overall timeout, which would cut long streams. The context bounds a call, and limits
// bound the times in which Bedrock sends nothing.
func New(client *bedrockruntime.Client, limits watch.Limits) *Provider {
	return &Provider{client: client, limits: limits}
}

// formalEnd bounds the wait for a stream's usage after its messageStop.
const formalEnd = 5 * time.Second

// Converse implements model.Provider.
func (p *Provider) Converse(ctx context.Context, req model.Request) (model.Reply, error) {
	in, err := prepare(req)
	if err != nil {
		return model.Reply{}, err
	}
	call := p.limits.Whole(ctx)
	defer call.End()
	out, err := p.client.Converse(call.Context(), &bedrockruntime.ConverseInput{
		ModelId:         in.modelID,
		Messages:        in.messages,
		System:          in.system,
		InferenceConfig: in.inference,
		ToolConfig:      in.tools,
	}, watched(call))
	if err != nil {
		return model.Reply{}, translate(call, req, err)
	}
	reply := model.Reply{Usage: usage(out.Usage)}
	answer, ok := out.Output.(*types.ConverseOutputMemberMessage)
	if !ok {
		return model.Reply{}, translate(call, req, errNoMessage)
	}
	if err := gathered(answer.Value.Content, &reply); err != nil {
		return model.Reply{Text: reply.Text}, err
	}
	if reply.Stop = stop(out.StopReason); reply.Stop == model.StopLength {
		reply.ToolCalls = gather.WellFormed(reply.ToolCalls)
	}
	return reply, nil
}

// gathered adds an answer's blocks to the reply.
func gathered(blocks []types.ContentBlock, reply *model.Reply) error {
	var (
		text   strings.Builder
		answer gather.Answer
	)
	defer func() { reply.Text = text.String() }()
	for _, block := range blocks {
		switch b := block.(type) {
		case *types.ContentBlockMemberText:
			whole, err := answer.Text(b.Value)
			text.WriteString(whole)
			if err != nil {
				return err
			}
		case *types.ContentBlockMemberToolUse:
			c, err := answer.Call()
			if err != nil {
				return err
			}
			input, ok := parsedObject(b.Value.Input)
			if !ok {
				reply.ToolCalls = append(reply.ToolCalls, gather.Malformed(deref(b.Value.ToolUseId), deref(b.Value.Name)))
				continue
			}
			if err := c.Arguments(string(input)); err != nil {
				return err
			}
			reply.ToolCalls = append(reply.ToolCalls, gather.Bounded(model.ToolCall{ID: deref(b.Value.ToolUseId), Name: deref(b.Value.Name), Input: input}))
		}
	}
	return nil
}

// stop maps Bedrock's stop reason.
func stop(reason types.StopReason) model.Stop {
	switch reason {
	case types.StopReasonEndTurn, types.StopReasonStopSequence:
		return model.StopEnd
	case types.StopReasonToolUse:
		return model.StopTools
	case types.StopReasonMaxTokens, types.StopReasonModelContextWindowExceeded:
		return model.StopLength
	default:
		return model.StopOther
	}
}

func usage(u *types.TokenUsage) *model.Usage {
	if u == nil {
		return nil
	}
	// With prompt caching, Bedrock does not include the tokens read from and written
	// to the cache in inputTokens. They are input all the same.
	input, output := 0, int(deref(u.OutputTokens))
	for _, part := range []*int32{u.InputTokens, u.CacheReadInputTokens, u.CacheWriteInputTokens} {
		if deref(part) < 0 {
			return nil
		}
		input += int(deref(part))
	}
	if output < 0 || input > model.MaxTokenCount {
		return nil
	}
	return &model.Usage{Input: input, Output: output}
}

func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
