package openai

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"

	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/turns"
)

// dialect is the form of requests that a model's endpoint accepts, learned from its
// refusals. The zero dialect is OpenAI's own, which most endpoints accept.
type dialect struct {
	noStreamOptions  bool // its streams report no usage
	completionTokens bool // it takes max_completion_tokens instead of max_tokens
	noTemperature    bool
	plainText        bool // content is a string, never a list
	noSystem         bool // instructions go before the first message of the user
	maxOutput        int  // tokens; 0: any limit is taken
}

// complaint recognises a refusal of one part of the request.
type complaint struct {
	about *regexp.Regexp
	in    func(d dialect, req model.Request, p *problem) dialect
}

var complaints = []complaint{
	{regexp.MustCompile(`(?i)stream_options|include_usage`), func(d dialect, _ model.Request, _ *problem) dialect {
		d.noStreamOptions = true
		return d
	}},
	{regexp.MustCompile(`(?i)max_(completion_|output_|new_)?tokens|maximum tokens|completion tokens`), func(d dialect, _ model.Request, p *problem) dialect {
		if most := mostOutput(p.text()); most > 0 && most != d.maxOutput {
			d.maxOutput = most
		} else {
			d.completionTokens = true
		}
		return d
	}},
	{regexp.MustCompile(`(?i)temperature`), func(d dialect, _ model.Request, _ *problem) dialect {
		d.noTemperature = true
		return d
	}},
	{regexp.MustCompile(`(?i)system (role|message|prompt)|role.{0,20}system|developer instruction`), func(d dialect, req model.Request, _ *problem) dialect {
		d.noSystem = req.System != ""
		return d
	}},
	{regexp.MustCompile(`(?i)content|string`), func(d dialect, req model.Request, _ *problem) dialect {
		d.plainText = slices.ContainsFunc(turns.Arrange(req.Messages), func(t turns.Turn) bool { return t.Role == model.User && len(t.Texts) > 1 })
		return d
	}},
}

// without returns the dialect without the part of the request that the endpoint has
// refused. It reports false when no part that can be left out is recognised. A
// parameter that the refusal names counts first, then its message, then its whole
// body: some refusals repeat the request.
func (d dialect) without(p *problem, req model.Request) (dialect, bool) {
	if p.status != http.StatusBadRequest && p.status != http.StatusUnprocessableEntity || p.tooLong() != nil || p.refusesModel() {
		return d, false
	}
	for _, words := range []string{p.param, p.message, p.body} {
		for _, c := range complaints {
			if words == "" || !c.about.MatchString(words) {
				continue
			}
			if next := c.in(d, req, p); next != d {
				return next, true
			}
		}
	}
	return d, false
}

var atMost = regexp.MustCompile(`(?i)(?:at most|less than or equal to|lower than|maximum(?: value)?(?: for [^ ]+)?(?: is| of)|<=) ?\D{0,3}(\d+)`)

// mostOutput returns the output limit that a refusal of a larger one names, 0 when
// it names none.
func mostOutput(text string) int {
	found := atMost.FindStringSubmatch(text)
	if found == nil {
		return 0
	}
	n, err := strconv.Atoi(found[1])
	if err != nil || n < 1 || n > 1<<20 {
		return 0
	}
	return n
}
