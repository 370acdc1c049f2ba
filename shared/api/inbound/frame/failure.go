// Package frame has the form of errors that all inbound webhooks share.
package frame

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/fault"
)

// failure is the form of errors, which is FlexyAgents': the paths are documented there.
type failure struct {
	Error failureShape `json:"error"`
}

type failureShape struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

var forms = wire.Forms(map[fault.Code]wire.Form{fault.Invalid: {Status: http.StatusBadRequest, Code: "INVALID_REQUEST"}})

// WriteError writes an error.
func WriteError(w http.ResponseWriter, e *fault.Error) {
	f := forms[e.Code]
	_ = wire.JSON(w, f.Status, failure{failureShape{Code: f.Code, Message: e.Shown()}})
}
