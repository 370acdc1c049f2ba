package manage

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/fault"
)

// Every code has a form, and an internal error's text never leaves.
func TestEveryCodeHasAForm(t *testing.T) {
	for _, code := range fault.Codes() {
		w := httptest.NewRecorder()
		WriteError(w, &fault.Error{Code: code, Message: "MESSAGE"})
		if w.Code < 400 || !strings.Contains(w.Body.String(), forms[code].code) || forms[code].code == "" {
			t.Errorf("%s: %d %s", code, w.Code, w.Body)
		}
		if shown := strings.Contains(w.Body.String(), "MESSAGE"); shown != (code != fault.Internal) {
			t.Errorf("%s: %s", code, w.Body)
		}
	}
}
