// Package agentflow is the surface with AgentFlow's API: chat with an agent, the caller's
// identity, and API keys.
package agentflow

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/fault"
)

// failure is the body of an error. The vendor documents only the code. Some errors also have a
// message that helps to correct the request. An error for missing credits has the balance and the
// page where to buy more.
type failure struct {
	Error    string `json:"error"`
	Message  string `json:"message,omitempty"`
	Balance  string `json:"balance,omitempty"`
	TopUpURL string `json:"topup_url,omitempty"`
}

var forms = map[fault.Code]wire.Form{
	fault.Invalid:             {Status: http.StatusBadRequest, Code: "invalid_request"},
	fault.Unauthorized:        {Status: http.StatusUnauthorized, Code: "invalid_api_key"},
	fault.InsufficientCredits: {Status: http.StatusPaymentRequired, Code: "insufficient_flow"},
	fault.Forbidden:           {Status: http.StatusForbidden, Code: "forbidden"},
	fault.NotFound:            {Status: http.StatusNotFound, Code: "not_found"},
	fault.Gone:                {Status: http.StatusGone, Code: "agent_tombstoned"},
	fault.Conflict:            {Status: http.StatusConflict, Code: "conflict"},
	fault.NotDeployed:         {Status: http.StatusNotFound, Code: "not_found"},
	fault.TooLarge:            {Status: http.StatusRequestEntityTooLarge, Code: "payload_too_large"},
	fault.Unreadable:          {Status: http.StatusUnsupportedMediaType, Code: "unsupported_media_type"},
	fault.RateLimited:         {Status: http.StatusTooManyRequests, Code: "rate_limited"},
	fault.LimitReached:        {Status: http.StatusTooManyRequests, Code: "message_limit_reached"},
	fault.ModelUnavailable:    {Status: http.StatusServiceUnavailable, Code: "model_unavailable"},
	fault.ModelRefused:        {Status: http.StatusBadGateway, Code: "auto_redeploy_failed"},
	fault.Internal:            {Status: http.StatusInternalServerError, Code: "internal_error"},
}

// explained has the codes whose message is shown. The vendor documents the same error for an
// agent that is not deployed and for an unknown one; only the message differs.
var explained = map[fault.Code]bool{
	fault.Invalid: true, fault.Forbidden: true, fault.Conflict: true, fault.NotDeployed: true, fault.TooLarge: true, fault.Unreadable: true,
}

// WriteError writes an error in the surface's form.
func WriteError(w http.ResponseWriter, e *fault.Error) { writeErrorWith("")(w, e) }

// writeErrorWith returns a WriteError that names the page where callers without credits can buy
// some.
func writeErrorWith(topUpURL string) wire.ErrorWriter {
	return func(w http.ResponseWriter, e *fault.Error) {
		f := forms[e.Code]
		body := failure{Error: f.Code}
		if explained[e.Code] {
			body.Message = e.Message
		}
		if e.Code == fault.InsufficientCredits {
			body.Balance, body.TopUpURL = e.Details.Balance, topUpURL
		}
		_ = wire.JSON(w, f.Status, body)
	}
}
