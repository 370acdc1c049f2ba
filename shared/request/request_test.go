package request_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/request"
)

func compile(t interface{ Fatalf(string, ...any) }, d request.Definition) *request.Template {
	r, err := request.Compile(d)
	if err != nil {
		t.Fatalf("%+v: %v", d, err)
	}
	return r
}

func TestRender(t *testing.T) {
	data := map[string]any{"id": "7/8", "name": "Ada \"A\"\nB", "n": json.Number("1.50")}
	for _, test := range []struct {
		name       string
		definition request.Definition
		want       delivery.Call
		takesData  bool
	}{
		{
			"JSON",
			request.Definition{Method: "POST", URL: "https://a.example/o/{{id}}?q={{name}}", Headers: map[string]string{"X-Name": "{{name}}"}, Body: `{"name":"{{name}}","n":{{n}}}`},
			delivery.Call{
				Method: "POST", URL: "https://a.example/o/7%2F8?q=Ada%20%22A%22%0AB", Body: []byte(`{"name":"Ada \"A\"\nB","n":1.50}`),
				Headers: map[string]string{"X-Name": `Ada "A" B`, "Content-Type": "application/json"},
			},
			false,
		},
		{
			"a form",
			request.Definition{Method: "PUT", URL: "https://a.example", Headers: map[string]string{"content-type": "application/x-www-form-urlencoded"}, Body: "name={{name}}"},
			delivery.Call{Method: "PUT", URL: "https://a.example", Body: []byte("name=Ada%20%22A%22%0AB"), Headers: map[string]string{"content-type": "application/x-www-form-urlencoded"}},
			false,
		},
		{"nothing but a URL", request.Definition{Method: "DELETE", URL: "https://a.example/x"}, delivery.Call{Method: "DELETE", URL: "https://a.example/x", Headers: map[string]string{}}, false},
		{"the data itself", request.Definition{Method: "PATCH", URL: "https://a.example/x"}, delivery.Call{Method: "PATCH", URL: "https://a.example/x", Headers: map[string]string{}}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := compile(t, test.definition)
			got, err := r.Render(data)
			if d := cmp.Diff(test.want, got); d != "" || err != nil {
				t.Errorf("got %v (-want +got):\n%s", err, d)
			}
			if got := r.TakesData(); got != test.takesData {
				t.Errorf("takes the data: got %t, want %t", got, test.takesData)
			}
		})
	}
}

// Any text leaves a request on its host and path, with valid JSON and one line a header.
func TestRender_AnyText(t *testing.T) {
	r := compile(t, request.Definition{
		Method: "POST", URL: "https://a.example/o/x{{v}}/end?q={{v}}", Headers: map[string]string{"X-V": "v {{v}}"}, Body: `{"v":"{{v}}","w":{{v}}}`,
	})
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.String().Draw(t, "text")
		call, err := r.Render(map[string]any{"v": v})
		if err != nil {
			return // the URL is too long
		}
		u, err := url.Parse(call.URL)
		if err != nil || u.Host != "a.example" || u.User != nil || strings.Count(u.EscapedPath(), "/") != 3 || u.Fragment != "" {
			t.Fatalf("got the URL %s, %v, want one on its host and path", call.URL, err)
		}
		if !json.Valid(call.Body) {
			t.Fatalf("got the body %s, want JSON", call.Body)
		}
		if strings.ContainsAny(call.Headers["X-V"], "\r\n\x00") {
			t.Fatalf("got the header %q, want one line", call.Headers["X-V"])
		}
	})
}
