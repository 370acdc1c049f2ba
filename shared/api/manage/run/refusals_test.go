package run

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/wiretest"
)

func TestReadFrom_Refusals(t *testing.T) {
	const rule = "from_step must be the path of a step that the run has begun"
	wiretest.WantRefusals(t, func(o body.Object) error { _, err := readFrom(o); return err }, map[string]string{
		`{"from_step":1}`:  rule + ", not a number",
		`{"from_step":""}`: rule,
	})
}

func TestReadState(t *testing.T) {
	const want = "state must be running, waiting, completed, failed or cancelled"
	for query, refused := range map[string]bool{"": false, "?state=waiting": false, "?state=": true, "?state=Failed": true, "?state=done": true} {
		_, err := readState(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/"+query, nil))
		if (err != nil) != refused || refused && err.Error() != "invalid: "+want {
			t.Errorf("%q: got %v, want %q: %t", query, err, want, refused)
		}
	}
}
