// Package flowgent is the surface with FlowGent's public API: the org's agents, chat, and usage.
package flowgent

import (
	"errors"
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/identity"
)

type failure struct {
	Error   string `json:"error"`
	Message string `json:"message,omitempty"`
}

// form is the surface's form of a fault code.
type form struct {
	status  int
	title   string
	message string // empty: the error's own
}

const (
	accessDenied = "Access denied"
	notYours     = "This agent does not belong to your organisation"
)

// forms has the form of each code. endings has the forms of the codes that end a chat's execution.
var forms = map[fault.Code]form{
	fault.Invalid:             {http.StatusBadRequest, "Invalid request", ""},
	fault.Unauthorized:        {http.StatusUnauthorized, "Invalid API key", "The provided API key is not valid"},
	fault.InsufficientCredits: {http.StatusPaymentRequired, noCredits, ""},
	fault.Forbidden:           {http.StatusForbidden, accessDenied, ""},
	fault.NotFound:            {http.StatusForbidden, accessDenied, notYours},
	fault.Gone:                {http.StatusForbidden, accessDenied, notYours},
	fault.Conflict:            {http.StatusConflict, "Conflict", ""},
	fault.NotDeployed:         {http.StatusConflict, "Agent not deployed", ""},
	fault.TooLarge:            {http.StatusRequestEntityTooLarge, "PAYLOAD_TOO_LARGE", ""},
	fault.Unreadable:          {http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", ""},
	fault.RateLimited:         {http.StatusTooManyRequests, "Rate limit exceeded", ""},
	fault.LimitReached:        {http.StatusTooManyRequests, "Message limit reached", ""},
	fault.ModelUnavailable:    {http.StatusServiceUnavailable, unavailable, ""},
	fault.ModelRefused:        {http.StatusInternalServerError, internal, ""},
	fault.Internal:            {http.StatusInternalServerError, internal, ""},
}

const internal = "Internal server error"

// fieldTitles has the titles of errors of certain fields.
var fieldTitles = map[string]string{
	callbackField: "Invalid callback_url",
	missingFields: missingFields,
	// An error of a date range has its title as the field, because it concerns two dates.
	invalidRange: invalidRange, invalidFormat: invalidFormat, invalidDates: invalidDates, invalidEnd: invalidEnd, rangeTooLarge: rangeTooLarge,
}

// WriteError writes an error in the surface's form.
func WriteError(w http.ResponseWriter, e *fault.Error) {
	_ = wire.JSON(w, forms[e.Code].status, failureOf(e))
}

func failureOf(e *fault.Error) failure {
	f := forms[e.Code]
	switch {
	case errors.Is(e, identity.ErrNoCredential):
		return failure{Error: "API key is required", Message: "Please provide an API key in the Authorization header"}
	case e.Code == fault.Internal: // its text is not meant for callers
		return failure{Error: f.title}
	case e.Field == agentField:
		return failure{Error: e.Message}
	case fieldTitles[e.Field] != "":
		return failure{Error: fieldTitles[e.Field], Message: e.Message}
	case f.message != "":
		return failure{Error: f.title, Message: f.message}
	}
	return failure{Error: f.title, Message: e.Message}
}
