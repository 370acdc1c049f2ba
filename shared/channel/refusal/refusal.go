// Package refusal reads what the refusals of providers have in common: their codes, HTTP statuses
// and waits.
package refusal

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
)

// Codes says what the codes of a provider call for.
type Codes map[channel.Kind][]int

// Kind returns what a code calls for, or false for a code that is not listed.
func (c Codes) Kind(code int) (channel.Kind, bool) {
	for kind, codes := range c {
		if slices.Contains(codes, code) {
			return kind, true
		}
	}
	return "", false
}

// KindOfStatus returns what an answer to a send calls for that has no known code, by its HTTP
// status.
func KindOfStatus(status int) channel.Kind {
	switch {
	case status == http.StatusTooManyRequests:
		return channel.Throttled
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return channel.Stopped
	case status >= http.StatusInternalServerError || status == http.StatusRequestTimeout:
		return channel.Unknown // a gateway's page: the provider may have accepted the message behind it
	}
	return channel.Rejected
}

// RetryAfter returns the seconds of a Retry-After header, or 0.
func RetryAfter(h http.Header) time.Duration {
	seconds, err := strconv.ParseUint(strings.TrimSpace(h.Get("Retry-After")), 10, 31)
	if err != nil {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// shortToken is shorter than any provider's token. Such a text is no secret, and occurs in others.
const shortToken = 8

// HideToken replaces a token in a provider's text by a name of it: providers repeat malformed ones.
func HideToken(text, token, name string) string {
	if len(token) < shortToken {
		return text
	}
	return strings.ReplaceAll(text, token, "["+name+"]")
}
