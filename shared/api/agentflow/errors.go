// Package agentflow speaks AgentFlow's API: chat with an agent, who the caller
// is, and their keys.
package agentflow

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/fault"
)

// failure is the body of an error. The vendor documents the bare code; where a
// message helps to mend the request, it stands beside it, and where credits are
// missing, what is left and where to buy more.
type failure struct {
	Error    string `json:"error"`
	Message  string `json:"message,omitempty"`
	Balance  string `json:"balance,omitempty"`
	TopUpURL string `json:"topup_url,omitempty"`
}

// form is how the surface shows a code of ours.
type form struct {
	status  int
	code    string
	message bool // whether the message is shown
}

var forms = map[fault.Code]form{
	fault.Invalid:             {http.StatusBadRequest, "invalid_request", true},
	fault.Unauthorized:        {http.StatusUnauthorized, "invalid_api_key", false},
	fault.InsufficientCredits: {http.StatusPaymentRequired, "insufficient_flow", false},
	fault.Forbidden:           {http.StatusForbidden, "forbidden", true},
	fault.NotFound:            {http.StatusNotFound, "not_found", false},
	fault.Gone:                {http.StatusGone, "agent_tombstoned", false},
	fault.Conflict:            {http.StatusConflict, "conflict", true},
	fault.NotDeployed:         {http.StatusNotFound, "not_found", false},
	fault.TooLarge:            {http.StatusRequestEntityTooLarge, "payload_too_large", true},
	fault.RateLimited:         {http.StatusTooManyRequests, "rate_limited", false},
	fault.LimitReached:        {http.StatusTooManyRequests, "message_limit_reached", false},
	fault.ModelUnavailable:    {http.StatusServiceUnavailable, "model_unavailable", false},
	fault.ModelRefused:        {http.StatusBadGateway, "auto_redeploy_failed", false},
	fault.Internal:            {http.StatusInternalServerError, "internal_error", false},
}

// WriteError writes an error in the surface's form.
func WriteError(w http.ResponseWriter, e *fault.Error) { writeErrorWith("")(w, e) }

// writeErrorWith returns a WriteError that tells a caller without credits where
// to buy some.
func writeErrorWith(topUpURL string) wire.ErrorWriter {
	return func(w http.ResponseWriter, e *fault.Error) {
		f := forms[e.Code]
		body := failure{Error: f.code}
		if f.message {
			body.Message = e.Message
		}
		if e.Code == fault.InsufficientCredits {
			body.Balance, body.TopUpURL = e.Details.Balance, topUpURL
		}
		_ = wire.JSON(w, f.status, body)
	}
}

// messageOf never shows the text of an error that is not meant for callers.
func messageOf(e *fault.Error) string {
	if e.Code == fault.Internal {
		return "Internal server error"
	}
	return e.Message
}
