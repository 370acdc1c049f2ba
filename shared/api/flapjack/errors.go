// Package flapjack is the surface with Flapjack's API: agents, threads, and messages whose answers
// are streams of server-sent events.
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

var forms = wire.Forms(map[fault.Code]wire.Form{
	fault.Invalid:     {Status: http.StatusUnprocessableEntity, Code: "VALIDATION_ERROR"},
	fault.NotDeployed: {Status: http.StatusUnprocessableEntity, Code: "VALIDATION_ERROR"},
})

// WriteError writes an error in the surface's form.
func WriteError(w http.ResponseWriter, e *fault.Error) {
	f := forms[e.Code]
	_ = wire.JSON(w, f.Status, failure{Error: f.Code, Detail: e.Shown()})
}
