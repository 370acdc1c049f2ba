// Package manage speaks the API that is our own: logging in, the org, its
// members and keys, in the same envelope as Flametalk's.
package manage

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/fault"
)

type failure struct {
	Success bool        `json:"success"`
	Error   errorDetail `json:"error"`
}

type errorDetail struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// form is how the surface shows a code of ours.
type form struct {
	status int
	code   string
}

var forms = map[fault.Code]form{
	fault.Invalid:             {http.StatusBadRequest, "VALIDATION_ERROR"},
	fault.Unauthorized:        {http.StatusUnauthorized, "UNAUTHORIZED"},
	fault.InsufficientCredits: {http.StatusPaymentRequired, "INSUFFICIENT_CREDITS"},
	fault.Forbidden:           {http.StatusForbidden, "FORBIDDEN"},
	fault.NotFound:            {http.StatusNotFound, "NOT_FOUND"},
	fault.Gone:                {http.StatusNotFound, "NOT_FOUND"},
	fault.Conflict:            {http.StatusConflict, "CONFLICT"},
	fault.NotDeployed:         {http.StatusConflict, "CONFLICT"},
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
	message := e.Message
	if e.Code == fault.Internal {
		message = "Server error, contact support"
	}
	_ = wire.JSON(w, f.status, failure{Error: errorDetail{Code: f.code, Message: message}})
}
