package mcp_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/tool/mcp"
	"github.com/quintet-agents/quintet/shared/tool/pin"
)

// Servers of both revisions, with and without sessions, in JSON and as a stream, list the same
// tools and give the same results.
func TestClient_Revisions(t *testing.T) {
	for name, handler := range revisions {
		t.Run(name, func(t *testing.T) {
			r := open(t, handler(weather()))
			if got := r.call(t, "forecast", `{"city":"Oslo"}`); !got.Failed || got.Text != "nobody agreed to the use of the tool forecast" {
				t.Errorf("before somebody agreed: got %+v", got)
			}
			for _, f := range r.discover(t) {
				if f.State != pin.New || f.Problem != "" || f.Description == "" {
					t.Errorf("got %+v, want a new tool without a problem", f)
				}
			}
			r.agree(t)
			for _, c := range []struct {
				tool, arguments string
				want            mcp.Result
			}{
				{"forecast", `{"city":"Oslo"}`, mcp.Result{Text: `{"city":"Oslo","degrees":21}`}},
				{"fail", `{"city":"Oslo"}`, mcp.Result{Text: "the station is closed", Failed: true}},
				{"map.of", `{"city":"Oslo"}`, mcp.Result{Text: "a map\n[image image/png 4 bytes]\n[audio audio/wav 2 bytes]\n[resource file:///map map text/html]\n[resource file:///legend text/plain]\nblue: rain\n[resource file:///tile]"}},
			} {
				if got := r.call(t, c.tool, c.arguments); got != c.want {
					t.Errorf("%s: got %+v, want %+v", c.tool, got, c.want)
				}
			}
			if got := r.call(t, "forecast", `{"town":"Oslo"}`); !got.Failed || !strings.Contains(got.Text, "town") {
				t.Errorf("wrong arguments: got %+v, want the schema's complaint", got)
			}
			if lists, calls, gets := r.log.count("POST tools/list"), r.log.count("POST tools/call"), r.log.count("GET"); calls != 4 || lists != 2 || gets != 0 {
				t.Errorf("got %d lists, %d calls and %d streams, want 2, 4 and none", lists, calls, gets)
			}
		})
	}
}

// A model gets at most 64 KiB of a result, cut between characters, and structured content once.
func TestCall_Results(t *testing.T) {
	large := `"` + strings.Repeat("é", 50_000) + `"`
	for _, c := range []struct{ result, want string }{
		{`{"content":[{"type":"text","text":` + large + `}]}`, strings.Repeat("é", 32_768)},
		{`{"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}`, "a\nb"},
		{`{"content":[],"structuredContent":{"b":1,"a":[true]}}`, `{"a":[true],"b":1}`},
		{`{"content":[{"type":"text","text":"{\"id\": 12345678901234567890}"}],"structuredContent":{"id":12345678901234567890}}`, `{"id": 12345678901234567890}`},
		{`{"content":[{"type":"text","text":"two"}],"structuredContent":{"n":2}}`, "two\n{\"n\":2}"},
		{`{"content":[]}`, "the tool returned nothing"},
	} {
		r := open(t, stranger{"tools/call": func(w http.ResponseWriter, id string) { reply(w, id, c.result) }})
		r.agree(t)
		if got := r.call(t, "look", `{}`); got != (mcp.Result{Text: c.want}) {
			t.Errorf("%.80s: got %.80q of %d bytes, want %.80q", c.result, got.Text, len(got.Text), c.want)
		}
	}
}
