// Package length recognises a server's error for a request that does not fit into the
// model's context. Servers share no format for it, so the package matches the text of
// the error and takes the numbers of tokens from it.
package length

import (
	"regexp"
	"strconv"
	"sync"

	"github.com/quintet-agents/quintet/shared/model"
)

// refused matches the text of such an error. Patterns are compiled at first use, so
// that a cold start does not pay for them.
var refused = patterns(`context[ _-]?(length|window|size|limit)|exceed_context|` +
	`(prompt|input|message|request|conversation)s? (is|are) too (long|large)|(prompt|input) too long|too many (input |prompt )?tokens|` +
	`maximum (prompt|input|model|sequence) length|reduce the length|` +
	`(input|prompt)[^.]{0,40}exceeds? (the )?(maximum|model|limit|allowed)|input tokens exceeded|` +
	`inputs?.{0,3} tokens .{0,40}must be (<=|less than)|must have less than \d+ tokens|too large for model with|total number of tokens`)

// limits and prompts find the model's limit and the prompt's length, in tokens.
var (
	limits = patterns(
		`\d+ \+ \d+ > (\d+)`,
		`(\d+) maximum context`,
		`(?:context|prompt|model|input|sequence)(?:'s)? (?:length|size|window|limit)(?: of| is|:| \()?(?: only)? ?(\d+)`,
		`context (?:length|size|window|limit)\D{0,12}(\d+)`,
		`maximum context\D{0,20}(\d+)`,
		`must be (?:<=|less than) (\d+)`,
		`less than (\d+) tokens`,
		`> (\d+)(?: maximum|, )`,
		`max(?:imum)?(?: number of)? (?:input |prompt )?tokens(?: allowed)?\D{0,6}(\d+)`,
		`cannot exceed (\d+)`,
	)
	prompts = patterns(
		`(\d+) (?:tokens )?(?:in|from|of) (?:the |your )?(?:messages|input|prompt|text input)`,
		`(\d+) .?(?:input|inputs|prompt).? tokens`,
		`(?:resulted in|request contains|prompt contains|given:|received|first|too long:) (\d+)`,
		`(?:request|input|prompt|length) \(?(\d+) tokens`,
		`prompt \(length (\d+)\)`,
		`token count(?: is|:)? ?\(?(\d+)`,
		`context limit: (\d+) \+`,
	)
)

func patterns(texts ...string) func() []*regexp.Regexp {
	return sync.OnceValue(func() []*regexp.Regexp {
		var all []*regexp.Regexp
		for _, text := range texts {
			all = append(all, regexp.MustCompile(`(?i)`+text))
		}
		return all
	})
}

// Refused returns the numbers in the text of such an error, and false for any other
// text. Callers must exclude rate-limit errors first: "too many tokens" per minute
// reads the same.
func Refused(text string) (model.TooLongError, bool) {
	if !refused()[0].MatchString(text) {
		return model.TooLongError{}, false
	}
	return model.TooLongError{Limit: first(limits(), text), Prompt: first(prompts(), text)}, true
}

// fewest and most bound a plausible number of tokens.
const fewest, most = 64, 1 << 27

func first(patterns []*regexp.Regexp, text string) int {
	for _, p := range patterns {
		if found := p.FindStringSubmatch(text); found != nil {
			if n, err := strconv.Atoi(found[1]); err == nil && n >= fewest && n <= most {
				return n
			}
		}
	}
	return 0
}
