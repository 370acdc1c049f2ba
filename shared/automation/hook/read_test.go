package hook

import (
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/fault"
)

func TestRead(t *testing.T) {
	typed := func(contentType string) http.Header { return headers("Content-Type", contentType) }
	const form = "application/x-www-form-urlencoded"
	for name, c := range map[string]struct {
		header http.Header
		raw    string
		want   string // the body as JSON, with its type
	}{
		"JSON":                       {typed("application/json; charset=utf-8"), `{"a": [1, 2.50, "<&>"]}`, `{"a":[1,2.50,"<&>"]} application/json`},
		"JSON of a vendor":           {typed("Application/vnd.github+JSON"), `[]`, `[] application/vnd.github+json`},
		"a number":                   {typed("application/json"), `12345678901234567890`, `12345678901234567890 application/json`},
		"JSON with a mark":           {typed("application/json"), "\ufeff{}", `{} application/json`},
		"an unpaired surrogate":      {typed("application/json"), `"\ud83c"`, `"\ud83c" application/json`},
		"no type, JSON":              {http.Header{}, `{"a":1}`, `{"a":1} `},
		"no type, text":              {http.Header{}, `{"a":1`, `"{\"a\":1" `},
		"no type, nothing":           {http.Header{}, ``, `"" `},
		"text":                       {typed("text/plain"), "{\"a\":1}\r\n", `"{\"a\":1}\r\n" text/plain`},
		"text, not UTF-8":            {typed("text/plain; charset=iso-8859-1"), "caf\xe9", `"caf\ufffd" text/plain`},
		"XML":                        {typed("application/xml"), `<a b="c"/>`, `"<a b=\"c\"/>" application/xml`},
		"a malformed type":           {typed("Text/Plain; ="), "a", `"a" text/plain`},
		"a form":                     {typed(form + "; charset=UTF-8"), "a=1&b=x+y&b=%C3%A9&b=&c&a%3D=%26", `{"a":"1","a=":"\u0026","b":["x y","é",""],"c":""} ` + form},
		"a form with nothing in it":  {typed(form), "", `{} ` + form},
		"a form that escapes poorly": {typed(form), "a=100%&b=%zz;c&&=d&e=%", `{"":"d","a":"100%","b":"%zz;c","e":"%"} ` + form},
		"a form, not UTF-8":          {typed(form), "a=%ff\xff", `{"a":"\ufffd"} ` + form},
		"depth":                      {typed("application/json"), strings.Repeat("[", automation.MaxDataDepth) + `"[[\"["` + strings.Repeat("]", automation.MaxDataDepth), strings.Repeat("[", automation.MaxDataDepth) + `"[[\"["` + strings.Repeat("]", automation.MaxDataDepth) + ` application/json`},
	} {
		t.Run(name, func(t *testing.T) {
			raw, err := Read(c.header, []byte(c.raw))
			if err != nil {
				t.Fatal(err)
			}
			var got struct {
				Body        json.RawMessage   `json:"body"`
				Headers     map[string]string `json:"headers"`
				ContentType string            `json:"content_type"`
			}
			if err := json.Unmarshal(raw, &got); err != nil || got.Headers == nil {
				t.Fatalf("got %s, %v", raw, err)
			}
			var body, want any
			wanted, contentType, _ := cut(c.want)
			if err := json.Unmarshal(got.Body, &body); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal([]byte(wanted), &want); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(body, want) || got.ContentType != contentType {
				t.Errorf("got %s of type %q, want %s of type %q", got.Body, got.ContentType, wanted, contentType)
			}
			if _, kept := strings.CutPrefix(string(got.Body), "{"); strings.HasPrefix(wanted, `{"a":[1`) && (!kept || string(got.Body) != wanted) {
				t.Errorf("got %s, want %s: numbers as they were sent", got.Body, wanted)
			}
		})
	}
}

// cut divides a wanted body from its type at the last blank.
func cut(want string) (body, contentType string, ok bool) {
	i := strings.LastIndexByte(want, ' ')
	return want[:i], want[i+1:], i >= 0
}

func TestRead_Refused(t *testing.T) {
	for name, c := range map[string]struct {
		contentType, raw string
		want             error
	}{
		"not JSON":            {"application/json", `{"a":1`, errJSON},
		"two values":          {"application/json", `{}{}`, errJSON},
		"nothing":             {"application/json", ``, errJSON},
		"a blank":             {"application/json", " \n", errJSON},
		"not UTF-8":           {"application/json", "\"caf\xe9\"", errJSON},
		"a form":              {"application/problem+json", `a=1`, errJSON},
		"too deep":            {"application/json", strings.Repeat("[", automation.MaxDataDepth+1) + strings.Repeat("]", automation.MaxDataDepth+1), errDepth},
		"too deep for a scan": {"application/json", strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000), errJSON},
		"too long as JSON":    {"text/plain", strings.Repeat("\x01", MaxBody), errLong},
		"too many fields":     {"application/x-www-form-urlencoded", strings.Repeat("a&", MaxBody/2), errLong},
	} {
		if _, err := Read(headers("Content-Type", c.contentType), []byte(c.raw)); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
	longest := `"` + strings.Repeat("<", MaxBody-2) + `"`
	if raw, err := Read(headers("Content-Type", "application/json"), []byte(longest)); err != nil || len(raw) > maxTrigger {
		t.Errorf("the longest body: got %d bytes, %v, want at most %d", len(raw), err, maxTrigger)
	}
}

func TestRead_Headers(t *testing.T) {
	h := headers(
		"X-Event", "order.created", "X-Several", "a", "X-Several", "b", "X-Latin", "caf\xe9", "Content-Type", "text/plain",
		"Authorization", "s", "Proxy-Authorization", "s", "Cookie", "s", "Set-Cookie", "s", "Webhook-Signature", "s", "X-Signature", "s",
		"X-Hub-Signature-256", "s", "Stripe-Signature", "s", "X-Gitlab-Token", "s", "X-Api-Key", "s", "ApiKey", "s", "X-Webhook-Secret", "s", "X-Password", "s",
		"Webhook-Id", "msg_1", "Webhook-Timestamp", "1",
	)
	want := map[string]string{
		"x-event": "order.created", "x-several": "a, b", "x-latin": "caf\ufffd", "content-type": "text/plain", "webhook-id": "msg_1", "webhook-timestamp": "1",
	}
	if d := cmp.Diff(want, headersOf(h)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	h = headers("A", strings.Repeat("a", maxHeaders/2), "B", strings.Repeat("b", maxHeaders/2), "C", "c")
	if got := headersOf(h); len(got) != 1 || got["a"] == "" {
		t.Errorf("got %d headers, want the one for which there is room", len(got))
	}
}

// An error says which field is at fault, so that senders can show it.
func TestRead_ErrorsAreTheirs(t *testing.T) {
	for _, err := range []error{errJSON, errDepth} {
		if e := fault.From(err); e.Code != fault.Invalid || e.Field != "body" {
			t.Errorf("got %+v, want Invalid of the body", e)
		}
	}
}
