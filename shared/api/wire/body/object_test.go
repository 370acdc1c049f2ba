package body

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/quintet-agents/quintet/shared/fault"
)

func TestText(t *testing.T) {
	for name, c := range map[string]struct{ body, want, field string }{
		"string":               {`{"content":"hi"}`, "hi", ""},
		"parts":                {`{"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}`, "ab", ""},
		"no parts":             {`{"content":[]}`, "", ""},
		"pair":                 {`{"content":"\ud83d\ude00"}`, "😀", ""},
		"replacement itself":   {`{"content":"\ufffd"}`, "\ufffd", ""},
		"escaped backslash":    {`{"content":"\\ud800"}`, `\ud800`, ""},
		"missing":              {`{}`, "", "content"},
		"null":                 {`{"content":null}`, "", "content"},
		"number":               {`{"content":1}`, "", "content"},
		"bool":                 {`{"content":true}`, "", "content"},
		"image":                {`{"content":[{"type":"image"}]}`, "", "content[0].type"},
		"NUL":                  {`{"content":"\u0000"}`, "", "content"},
		"high alone":           {`{"content":"\ud83d"}`, "", "content"},
		"high, then other":     {`{"content":"\ud83d\u0041"}`, "", "content"},
		"high, then text":      {`{"content":"\uD83Dabcdefg"}`, "", "content"},
		"low alone":            {`{"content":"\udE00"}`, "", "content"},
		"low before high":      {`{"content":"\ude00\ud83d"}`, "", "content"},
		"broken UTF-8":         {"{\"content\":\"\xff\"}", "", "content"},
		"not an object":        {`[]`, "", "body"},
		"nothing":              {``, "", "body"},
		"two values":           {`{} {}`, "", "body"},
		"null body":            {`null`, "", "body"},
		"NUL in a part's text": {`{"content":[{"type":"text","text":"\u0000"}]}`, "", "content[0].text"},
	} {
		t.Run(name, func(t *testing.T) {
			o, err := Read(httptest.NewRequest("POST", "/", strings.NewReader(c.body)))
			var got string
			if err == nil {
				got, err = o.Text("content")
			}
			if c.field == "" {
				if err != nil || got != c.want {
					t.Errorf("got %q, %v; want %q", got, err, c.want)
				}
				return
			}
			if e := fault.From(err); e == nil || e.Code != fault.Invalid || e.Field != c.field {
				t.Errorf("got %q, %v; want an error of field %s", got, err, c.field)
			}
		})
	}
}

func TestBool(t *testing.T) {
	for body, want := range map[string]string{
		`{"stream":true}`: "true", `{"stream":false}`: "false", `{}`: "fallback", `{"stream":null}`: "fallback",
		`{"stream":"false"}`: "stream", `{"stream":0}`: "stream", `{"stream":[]}`: "stream", `{"stream":{}}`: "stream",
	} {
		for _, fallback := range []bool{true, false} {
			o, err := Read(httptest.NewRequest("POST", "/", strings.NewReader(body)))
			if err != nil {
				t.Fatal(err)
			}
			b, err := o.Bool("stream", fallback)
			got := strconv.FormatBool(b)
			if e := fault.From(err); e != nil {
				got = e.Field
			}
			if want != got && (want != "fallback" || b != fallback) {
				t.Errorf("%s, else %t: got %s, %v; want %s", body, fallback, got, err, want)
			}
		}
	}
}

func TestRead_Limit(t *testing.T) {
	fill := func(n int) string { return `{"a":"` + strings.Repeat("x", n-8) + `"}` }
	if _, err := Read(httptest.NewRequest("POST", "/", strings.NewReader(fill(Max)))); err != nil {
		t.Errorf("a body of the limit: %v", err)
	}
	_, err := Read(httptest.NewRequest("POST", "/", strings.NewReader(fill(Max+1))))
	if !fault.Is(err, fault.TooLarge) {
		t.Errorf("got %v for a body over the limit, want TooLarge", err)
	}
}

// A byte order mark is ignored, and an encoded body is refused.
func TestRead_ContentEncoding(t *testing.T) {
	for name, c := range map[string]struct {
		encodings []string
		body      string
		want      string
	}{
		"plain":                   {body: `{"a":"b"}`},
		"with a mark":             {body: "\ufeff" + `{"a":"b"}`},
		"a mark and blanks":       {body: "\ufeff\r\n" + `{"a":"b"}`},
		"two marks":               {body: "\ufeff\ufeff" + `{"a":"b"}`, want: "invalid: The request body must be a JSON object: it is not valid JSON at line 1, column 1"},
		"a mark alone":            {body: "\ufeff", want: "invalid: The request body must be a JSON object: it is empty"},
		"a mark of UTF-16":        {body: "\xff\xfe{\x00}\x00", want: "invalid: The request body must be a JSON object: it is not valid JSON at line 1, column 1"},
		"identity":                {encodings: []string{"Identity"}, body: `{"a":"b"}`},
		"empty":                   {encodings: []string{""}, body: `{"a":"b"}`},
		"gzip":                    {encodings: []string{"gzip"}, body: "\x1f\x8b", want: "unreadable: A body with the Content-Encoding gzip is not supported: send it without an encoding"},
		"plain that says gzip":    {encodings: []string{"gzip"}, body: `{"a":"b"}`, want: "unreadable: A body with the Content-Encoding gzip is not supported: send it without an encoding"},
		"two":                     {encodings: []string{"br", "gzip"}, want: "unreadable: A body with the Content-Encoding br, gzip is not supported: send it without an encoding"},
		"one that is no word":     {encodings: []string{"\xff"}, want: "unreadable: A body with the Content-Encoding of the request is not supported: send it without an encoding"},
		"one that is much longer": {encodings: []string{strings.Repeat("x", 999)}, want: "unreadable: A body with the Content-Encoding of the request is not supported: send it without an encoding"},
	} {
		r := httptest.NewRequest("POST", "/", strings.NewReader(c.body))
		r.Header["Content-Encoding"] = c.encodings
		o, err := Read(r)
		if err == nil {
			_, err = o.String("a", aString)
		}
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// A text is read exactly, with any escapes.
func TestString_RoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.Rune().Filter(func(r rune) bool { return r != 0 && utf8.ValidRune(r) })).Draw(t, "text")
		var escaped strings.Builder
		escaped.WriteString(`{"content":"`)
		for _, unit := range utf16.Encode([]rune(text)) {
			escaped.WriteString(`\u` + hex4(unit))
		}
		escaped.WriteString(`"}`)
		plain, err := json.Marshal(map[string]string{"content": text})
		if err != nil {
			t.Fatal(err)
		}
		for _, body := range []string{escaped.String(), string(plain)} {
			o, err := Read(httptest.NewRequest("POST", "/", strings.NewReader(body)))
			if err != nil {
				t.Fatal(err)
			}
			got, err := o.Text("content")
			if err != nil || got != text {
				t.Fatalf("got %q, %v; want %q", got, err, text)
			}
		}
	})
}

func hex4(u uint16) string {
	const digits = "0123456789abcdef"
	return string([]byte{digits[u>>12], digits[u>>8&15], digits[u>>4&15], digits[u&15]})
}

// The error of a body that is too long names the limit.
func TestBytes_TooLong(t *testing.T) {
	for limit, want := range map[int64]string{
		256 << 10: "too_large: The request body must be at most 256 KiB",
		5 << 20:   "too_large: The request body must be at most 5 MiB",
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(strings.Repeat("x", int(limit)+1)))
		if _, err := Bytes(r, limit); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
