package envelope

import (
	"fmt"
	"net/http/httptest"
	"testing"

	"github.com/quintet-agents/quintet/shared/api/wire/wiretest"
	"github.com/quintet-agents/quintet/shared/fault"
)

// Every code has a form, and the text of an internal error is never shown.
func TestWriteError_EveryCode(t *testing.T) {
	wiretest.EveryCode(t, WriteError, forms, wiretest.Always)
}

// The documented codes of Flametalk have their documented form.
func TestWriteError_DocumentedCodes(t *testing.T) {
	for code, want := range map[fault.Code]string{
		fault.NotFound: `404 {"success":false,"error":{"code":"NOT_FOUND","message":"Agent not found"}}`,
		fault.Invalid:  `400 {"success":false,"error":{"code":"VALIDATION_ERROR","message":"Agent not found"}}`,
		fault.Internal: `500 {"success":false,"error":{"code":"INTERNAL_ERROR","message":"Server error, contact support"}}`,
	} {
		w := httptest.NewRecorder()
		WriteError(w, &fault.Error{Code: code, Message: "Agent not found"})
		if got := fmt.Sprint(w.Code, " ", w.Body); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
