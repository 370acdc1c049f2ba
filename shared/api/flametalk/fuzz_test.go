package flametalk

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/fault"
)

// No body crashes the parser of changes, and accepted values are valid for an agent.
func FuzzReadUpdate(f *testing.F) {
	const id = "0190d3c0-7a5e-7cc3-98c4-dc0c0c07398f"
	f.Add(id, "v-0123456789ab", []byte(`{"name":"Guide","description":"d","instructions":"i"}`))
	f.Add(strings.ToUpper(id), "v-", []byte(`{"description":null}`))
	f.Add("{"+id+"}", "v-é", []byte(`{"name":"\ud83d\ude00","description":"\u0000"}`))
	f.Add("a/b", "\xff", []byte(`{"name":"\u2028","instructions":[]}`))
	f.Fuzz(func(t *testing.T, id, version string, raw []byte) {
		r := httptest.NewRequest(http.MethodPatch, "/", strings.NewReader(string(raw)))
		r.SetPathValue("id", id)
		r.SetPathValue("version_id", version)
		if v, err := param.PathVersion(r, "version_id"); err != nil {
			wantShowable(t, err)
		} else if v != version || len(v) > 66 || strings.ContainsAny(v, "#/ \x00") {
			t.Errorf("got version %q accepted, want an error", v)
		}
		got, p, err := readUpdate(r)
		if err != nil {
			wantShowable(t, err)
			return
		}
		if uuid.Validate(got) != nil || got != strings.ToLower(id) {
			t.Errorf("%q: got id %q, want the UUID in lower case", id, got)
		}
		for _, field := range []struct {
			text    *string
			longest int
			blank   bool
		}{
			{p.Name, agent.MaxName, false}, {p.Description, agent.MaxDescription, true}, {p.Instructions, agent.MaxInstructions, true},
		} {
			if field.text == nil {
				continue
			}
			s := *field.text
			if !utf8.ValidString(s) || strings.ContainsRune(s, 0) || utf8.RuneCountInString(s) > field.longest || !field.blank && strings.TrimSpace(s) == "" {
				t.Errorf("got %q accepted, want an error", s)
			}
		}
		// A valid body of a new agent is also a valid change.
		o, err := body.Read(httptest.NewRequest(http.MethodPost, "/", strings.NewReader(string(raw))))
		if err != nil {
			t.Fatal(err)
		}
		again, err := readNew(o)
		if err != nil {
			return
		}
		if *again.Name != *p.Name || *again.Instructions != *p.Instructions {
			t.Errorf("got %+v for a new agent, want %+v as for an old one", again, p)
		}
	})
}

func wantShowable(t *testing.T, err error) {
	t.Helper()
	e := fault.From(err)
	if e.Code != fault.Invalid && e.Code != fault.TooLarge || e.Message == "" || !utf8.ValidString(e.Message) {
		t.Errorf("got error %v, want Invalid or TooLarge with a message", err)
	}
}
