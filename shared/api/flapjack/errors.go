// Package flapjack speaks Flapjack's API: agents, threads, and messages that
// are answered as a stream of server-sent events.
package flapjack

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/fault"
)

type failure struct {
	Error  string `json:"error"`
	Detail string `json:"detail"`
}

// form is how the surface shows a code of ours.
type form struct {
	status int
	code   string
}

var forms = map[fault.Code]form{
	fault.Invalid:             {http.StatusUnprocessableEntity, "VALIDATION_ERROR"},
	fault.Unauthorized:        {http.StatusUnauthorized, "UNAUTHORIZED"},
	fault.InsufficientCredits: {http.StatusPaymentRequired, "INSUFFICIENT_CREDITS"},
	fault.Forbidden:           {http.StatusForbidden, "FORBIDDEN"},
	fault.NotFound:            {http.StatusNotFound, "NOT_FOUND"},
	fault.Gone:                {http.StatusNotFound, "NOT_FOUND"},
	fault.Conflict:            {http.StatusConflict, "CONFLICT"},
	fault.NotDeployed:         {http.StatusUnprocessableEntity, "VALIDATION_ERROR"},
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
	_ = wire.JSON(w, f.status, failure{Error: f.code, Detail: detailOf(e)})
}

// detailOf never shows the text of an error that is not meant for callers.
func detailOf(e *fault.Error) string {
	if e.Code == fault.Internal {
		return "Internal server error"
	}
	return e.Message
}
