package thread

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/wiretest"
	"github.com/quintet-agents/quintet/shared/fault"
)

func TestReadPatch_Refusals(t *testing.T) {
	wiretest.WantRefusals(t, func(o body.Object) error { _, err := readPatch(o); return err }, map[string]string{
		`{}`:                                "At least one of title and handed_over is required",
		`{"title":null,"handed_over":null}`: "title must not be null; at least one of title and handed_over is required",
		`{"title":" "}`:                     "title must be a string of 1 to 80 characters",
		`{"title":"` + strings.Repeat("x", 81) + `"}`: "title must be a string of 1 to 80 characters",
		`{"handed_over":"yes"}`:                       "handed_over must be true or false, not a string",
		`{"contact":"1"}`:                             `Unknown field "contact"; allowed: title, handed_over`,
	})
}

func TestReadContent_Refusals(t *testing.T) {
	wiretest.WantRefusals(t, func(o body.Object) error { _, err := readContent(o); return err }, map[string]string{
		`{}`:              "content is required and must be a string or a list of text parts",
		`{"content":" "}`: "content must not be blank",
		`{"content":"` + strings.Repeat("x", 128<<10+1) + `"}`:    "content must be at most 131072 bytes",
		`{"content":"` + strings.Repeat(`\u0001`, 128<<10) + `"}`: "content must be at most 307200 bytes with the escapes of its control characters",
	})
}

func TestReadFilter_Refusals(t *testing.T) {
	for query, want := range map[string]string{
		"agent_id=":                     "agent_id must be the id or slug of an agent",
		"channel=":                      "channel must be the name of an API or a channel, such as flapjack or whatsapp",
		"channel=WhatsApp":              "channel must be the name of an API or a channel, such as flapjack or whatsapp",
		"contact_id=ann":                "contact_id must be the id of a contact",
		"handed_over=1":                 "handed_over must be true or false",
		"from=2026-02-30":               "from must be a day from 2000-01-01 to 2999-12-31 in the form YYYY-MM-DD",
		"to=1999-12-31":                 "to must be a day from 2000-01-01 to 2999-12-31 in the form YYYY-MM-DD",
		"from=2026-01-02&to=2026-01-01": "from must not be after to",
	} {
		_, err := readFilter(httptest.NewRequest(http.MethodGet, "/?"+query, nil))
		if e := fault.From(err); err == nil || e.Message != want {
			t.Errorf("%s: got %v, want %s", query, err, want)
		}
	}
	if f, err := readFilter(httptest.NewRequest(http.MethodGet, "/?from=2026-01-01&to=2026-01-01&q=x", nil)); err != nil || f.To.Sub(f.From).Hours() != 24 {
		t.Errorf("got %+v, %v, want a day", f, err)
	}
}
