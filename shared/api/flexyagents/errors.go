// Package flexyagents speaks FlexyAgents' API: chat with an agent, answered
// whole or line by line.
package flexyagents

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/fault"
)

type failure struct {
	Error failureShape `json:"error"`
}

type failureShape struct {
	Code    string        `json:"code"`
	Message string        `json:"message"`
	Details *detailsShape `json:"details,omitempty"`
}

type detailsShape struct {
	Limit string `json:"limit"`
}

// form is how the surface shows a code of ours.
type form struct {
	status int
	code   string
}

var forms = map[fault.Code]form{
	fault.Invalid:             {http.StatusBadRequest, "INVALID_REQUEST"},
	fault.Unauthorized:        {http.StatusUnauthorized, "UNAUTHORIZED"},
	fault.InsufficientCredits: {http.StatusPaymentRequired, "INSUFFICIENT_CREDITS"},
	fault.Forbidden:           {http.StatusForbidden, "FORBIDDEN"},
	fault.NotFound:            {http.StatusNotFound, "NOT_FOUND"},
	fault.Gone:                {http.StatusNotFound, "NOT_FOUND"},
	fault.Conflict:            {http.StatusConflict, "CONFLICT"},
	fault.NotDeployed:         {http.StatusConflict, "AGENT_NOT_DEPLOYED"},
	fault.TooLarge:            {http.StatusRequestEntityTooLarge, "PAYLOAD_TOO_LARGE"},
	fault.RateLimited:         {http.StatusTooManyRequests, "RATE_LIMITED"},
	fault.LimitReached:        {http.StatusTooManyRequests, "MESSAGE_LIMIT_REACHED"},
	fault.ModelUnavailable:    {http.StatusServiceUnavailable, "MODEL_UNAVAILABLE"},
	fault.ModelRefused:        {http.StatusServiceUnavailable, "MODEL_UNAVAILABLE"},
	fault.Internal:            {http.StatusInternalServerError, "INTERNAL_ERROR"},
}

// WriteError writes an error in the surface's form.
func WriteError(w http.ResponseWriter, e *fault.Error) {
	f := forms[e.Code]
	body := failureShape{Code: f.code, Message: messageOf(e)}
	if e.Details.Limit != "" {
		body.Details = &detailsShape{Limit: e.Details.Limit}
	}
	_ = wire.JSON(w, f.status, failure{body})
}

// messageOf never shows the text of an error that is not meant for callers.
func messageOf(e *fault.Error) string {
	if e.Code == fault.Internal {
		return "Internal server error"
	}
	return e.Message
}
