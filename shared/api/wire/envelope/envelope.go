// Package envelope has the envelope of Flametalk's API and of our own:
// `{"success":true,"data":...}` or `{"success":false,"error":{...}}`.
package envelope

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/fault"
)

// Success is the envelope of every answer that is not an error. Pagination is set only for lists.
type Success struct {
	Success    bool `json:"success"`
	Data       any  `json:"data"`
	Pagination any  `json:"pagination,omitempty"`
}

// Of returns the envelope of data.
func Of(data any) Success { return Success{Success: true, Data: data} }

// Changed returns the answer to a change.
func Changed(status int, data any) wire.Answer { return wire.Answer{Status: status, Body: Of(data)} }

// Show writes the answer to a read.
func Show(w http.ResponseWriter, data any) error { return wire.JSON(w, http.StatusOK, Of(data)) }

// ShowPage writes a page of a list.
func ShowPage(w http.ResponseWriter, data, pagination any) error {
	return wire.JSON(w, http.StatusOK, Success{Success: true, Data: data, Pagination: pagination})
}

// Deleted is the data of an answer to a deletion.
type Deleted struct {
	Deleted bool `json:"deleted"`
}

type failure struct {
	Success bool        `json:"success"`
	Error   errorDetail `json:"error"`
}

type errorDetail struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

var forms = wire.Forms(nil)

// WriteError writes an error.
func WriteError(w http.ResponseWriter, e *fault.Error) {
	f := forms[e.Code]
	message := e.Message
	if e.Code == fault.Internal {
		message = "Server error, contact support"
	}
	_ = wire.JSON(w, f.Status, failure{Error: errorDetail{Code: f.Code, Message: message}})
}
