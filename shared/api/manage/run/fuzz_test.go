package run

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/wiretest"
)

// No path crashes the readers of ids.
func FuzzAutomationID(f *testing.F) { wiretest.FuzzPathID(f, "id", automationID) }

func FuzzRunID(f *testing.F) { wiretest.FuzzPathID(f, "run_id", runID) }

// No body crashes the reader of a re-run.
func FuzzRerun(f *testing.F) {
	for _, seed := range []string{"", " ", "{}", `{"from_step":"each[3].send"}`, `{"from_step":null}`, `{"from_step":""}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		fields, err := body.ReadOptional(httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(text)))
		if err == nil {
			_, err = readFrom(fields)
		}
		if err != nil {
			wiretest.WantShowable(t, err)
		}
	})
}
