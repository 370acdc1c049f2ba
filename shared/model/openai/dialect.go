package openai

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"

	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/turns"
)

// dialect is the form of requests that an endpoint accepts for a model. It is learned
// from refused requests. The zero dialect is OpenAI's own, which most endpoints
// accept.
type dialect struct {
	noStreamOptions  bool // no stream_options, so streams report no usage
	completionTokens bool // max_completion_tokens instead of max_tokens
	noTemperature    bool
	noStop           bool // reasoning models take no stop sequences
	plainText        bool // content is a string, never a list
	noSystem         bool // instructions are sent before the text of the first user message
	maxOutput        int  // the largest accepted output limit in tokens; 0: any
}

// complaint recognises an error about one part of the request.
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
	{regexp.MustCompile(`(?i)\bstop\b|stop.sequence`), func(d dialect, req model.Request, _ *problem) dialect {
		d.noStop = len(req.Stop) > 0
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

// without returns the dialect that leaves out the part of the request that the
// endpoint has refused. It reports false if the error names no part that can be left
// out. It looks at the error's param first, then at its message, and at its whole body
// last, because some errors quote the request.
func (d dialect) without(p *problem, req model.Request) (dialect, bool) {
	if p.status != http.StatusBadRequest && p.status != http.StatusUnprocessableEntity || p.tooLong() != nil || p.refusesModel() || p.refusesKey() {
		return d, false
	}
	if _, images := p.images(req); images {
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

// mostOutput returns the largest output limit that an error names, or 0.
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
