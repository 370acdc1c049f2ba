package length_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/length"
)

func TestRefused(t *testing.T) {
	for text, want := range map[string]model.TooLongError{
		"This model's maximum context length is 4097 tokens. However, your messages resulted in 5000 tokens. Please reduce the length of the messages.":                                                 {Limit: 4097, Prompt: 5000},
		"This model's maximum context length is 4096 tokens. However, you requested 4596 tokens (500 in the messages, 4096 in the completion).":                                                         {Limit: 4096, Prompt: 500},
		"'max_tokens' or 'max_completion_tokens' is too large: 4096. This model's maximum context length is 4096 tokens and your request has 250 input tokens (4096 > 4096 - 250).":                     {Limit: 4096, Prompt: 250},
		"The decoder prompt (length 5000) is longer than the maximum model length of 4096.":                                                                                                             {Limit: 4096, Prompt: 5000},
		"request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it":                                                                                                     {Limit: 4096, Prompt: 5000},
		"the request exceeds the available context size. try increasing the context size or enable context shift":                                                                                       {},
		"Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough.":                                   {Limit: 4096, Prompt: 5000},
		"Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length":                                                                                        {Limit: 32768, Prompt: 40000},
		"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` tokens and 100 `max_new_tokens`":                                                              {Limit: 4096, Prompt: 5000},
		"The input (5000 tokens) is longer than the model's context length (4096 tokens).":                                                                                                              {Limit: 4096, Prompt: 5000},
		"Requested token count exceeds the model's maximum context length of 4096 tokens. You requested a total of 4500 tokens: 500 tokens from the input messages and 4000 tokens for the completion.": {Limit: 4096, Prompt: 500},
		"This endpoint's maximum context length is 4096 tokens. However, you requested about 5000 tokens (900 of text input, 4100 in the output).":                                                      {Limit: 4096, Prompt: 900},
		"The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).":                                                                                                       {Limit: 1048576, Prompt: 1200000},
		"prompt is too long: 210000 tokens > 200000 maximum":                                                                                                                                            {Limit: 200000, Prompt: 210000},
		"input length and `max_tokens` exceed context limit: 190000 + 21333 > 200000, decrease input length or `max_tokens` and try again":                                                              {Limit: 200000, Prompt: 190000},
		"This model's maximum prompt length is 131072 but the request contains 200000 tokens.":                                                                                                          {Limit: 131072, Prompt: 200000},
		"too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 5000.":                                                                                                     {Limit: 4081, Prompt: 5000},
		"Input is too long for requested model.":                                                                      {},
		"Too many input tokens. Max input tokens: 8192, request input token count: 9000":                              {Limit: 8192, Prompt: 9000},
		"Input Tokens Exceeded: Number of input tokens exceeds maximum length. Please update the input to try again.": {},
		"prompt too long; exceeded max context length by 5 tokens":                                                    {},
	} {
		got, ok := length.Refused(text)
		if diff := cmp.Diff(want, got); !ok || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", text, ok, diff)
		}
	}
}

func TestRefused_OtherRefusals(t *testing.T) {
	for _, text := range []string{
		"", "Rate limit reached for requests", "'messages' is too short", "Unsupported parameter: 'max_tokens' is not supported with this model.",
		"max_tokens is too large: 4096. This model supports at most 2048 completion tokens", "model 'x' not found", "the temperature must be <= 1",
		"max_tokens must be less than or equal to 256",
	} {
		if got, ok := length.Refused(text); ok {
			t.Errorf("%q: got %+v, want no match", text, got)
		}
	}
}
