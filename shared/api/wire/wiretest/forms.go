// Package wiretest has the common code of the surfaces' tests.
package wiretest

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/fault"
)

// EveryCode writes an error of every code and checks its form, and that the error's text is shown if shows
// returns true. The text of an internal error must never be shown.
func EveryCode(t *testing.T, write wire.ErrorWriter, forms map[fault.Code]wire.Form, shows func(fault.Code) bool) {
	t.Helper()
	for _, code := range fault.Codes() {
		w := httptest.NewRecorder()
		write(w, &fault.Error{Code: code, Message: "MESSAGE"})
		want := forms[code]
		if w.Code != want.Status || w.Code < 400 || want.Code == "" || !strings.Contains(w.Body.String(), `"`+want.Code+`"`) {
			t.Errorf("%s: %d %s", code, w.Code, w.Body)
		}
		if shown := strings.Contains(w.Body.String(), "MESSAGE"); shown != (shows(code) && code != fault.Internal) {
			t.Errorf("%s: %s", code, w.Body)
		}
	}
}

// Always is EveryCode's shows for surfaces that show the text of every error.
func Always(fault.Code) bool { return true }
