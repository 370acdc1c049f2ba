// Package flexyagents is the surface with FlexyAgents' API: chat with an agent, streamed as lines
// or not.
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

var forms = wire.Forms(map[fault.Code]wire.Form{
	fault.Invalid:     {Status: http.StatusBadRequest, Code: "INVALID_REQUEST"},
	fault.NotDeployed: {Status: http.StatusConflict, Code: "AGENT_NOT_DEPLOYED"},
})

// WriteError writes an error in the surface's form.
func WriteError(w http.ResponseWriter, e *fault.Error) {
	f := forms[e.Code]
	body := failureShape{Code: f.Code, Message: e.Shown()}
	if e.Details.Limit != "" {
		body.Details = &detailsShape{Limit: e.Details.Limit}
	}
	_ = wire.JSON(w, f.Status, failure{body})
}
