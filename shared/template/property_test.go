package template_test

import (
	"encoding/json"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/cbroglie/mustache"

	"github.com/quintet-agents/quintet/shared/template"
)

const (
	jsonText = `{"v":{{v}},"s":"a{{v}}b\n{{w}}","{{v}}k":[0{{#v}},{{.}},"{{.}}"{{/v}}]{{^v}},"no":{{w}}{{/v}}{{#w}},"w":[{{v}},{"x":"{{w}}"}]{{/w}}}`
	urlText  = `https://api.example:8443/v1/{{v}}/x{{w}}/{{#v}}p{{.}}{{/v}}-?q={{v}}&w={{w}}{{#w}}&z={{.}}{{/w}}`
	lineText = `Bearer {{v}}; {{#w}}{{.}}{{/w}}`
	formText = `a={{v}}&b={{w}}`
)

// hostile are pieces of values that end strings, lines, tags, segments and hosts.
var hostile = []string{
	`"`, `\`, `\"`, `",`, `"}`, `]`, `}`, `{{v}}`, `{{{w}}}`, `{{#v}}`, `{{/v}}`, `}}`, "\r\n", "\n", "\r", "\x00", "\x1b", "\u0085", "\u2028", "\u2029", "/", "//", "..", ".", "%2e", "%2F", "%", "?", "#", "&", "=", "@",
	"@evil.example/", `\\evil.example`, ":", ";", "+", " ", "\t", "é", "😀", "\xff", "\xed\xa0\x80", "\u202e", `\u0022`, "</script>", "'", "`", "${x}", "a", "0", "null", "true", "1e999999", "-", "",
}

func randomText(r *rand.Rand) string {
	var b strings.Builder
	for range r.IntN(6) {
		if r.IntN(4) == 0 {
			b.WriteRune(rune(r.IntN(0x11000)))
		} else {
			b.WriteString(hostile[r.IntN(len(hostile))])
		}
	}
	return b.String()
}

func randomValue(r *rand.Rand, depth int) any {
	switch n := r.IntN(10); {
	case n < 5 || depth == 0:
		return randomText(r)
	case n == 5:
		return []any{nil, true, false}[r.IntN(3)]
	case n == 6:
		return json.Number([]string{"0", "-1.5e300", "1e400", "12345678901234567890"}[r.IntN(4)])
	case n < 9:
		list := make([]any, r.IntN(4))
		for i := range list {
			list[i] = randomValue(r, depth-1)
		}
		return list
	}
	object := map[string]any{}
	for range r.IntN(4) {
		object[randomText(r)] = randomValue(r, depth-1)
	}
	return object
}

// render reports false for a value that was refused: it would change a path, or is too long.
func render(t *testing.T, kind template.Kind, text string, data any) (string, bool) {
	t.Helper()
	tmpl, err := template.Parse(kind, text)
	if err != nil {
		t.Fatal(err)
	}
	got, err := tmpl.Render(data)
	if err != nil && !strings.Contains(err.Error(), "would change the path") && !strings.Contains(err.Error(), "the result is longer than") {
		t.Errorf("%q: %v", data, err)
	}
	return got, err == nil
}

// wantSafe checks what no value may change: JSON stays JSON, a URL keeps its host and its
// path's segments, a header is one line, a form keeps its fields.
func wantSafe(t *testing.T, data any) {
	t.Helper()
	if got, ok := render(t, template.JSON, jsonText, data); ok && (!json.Valid([]byte(got)) || !utf8.ValidString(got)) {
		t.Errorf("%q: got %q, want JSON", data, got)
	}
	if got, ok := render(t, template.URL, urlText, data); ok {
		u, err := url.Parse(got)
		if err != nil || u.Scheme != "https" || u.Host != "api.example:8443" || u.User != nil || u.Fragment != "" ||
			strings.Count(u.EscapedPath(), "/") != 4 || u.JoinPath().EscapedPath() != u.EscapedPath() ||
			strings.IndexFunc(got, func(r rune) bool { return r <= ' ' || r >= 0x7f }) >= 0 {
			t.Errorf("%q: got URL %q, %v; want the same host and segments", data, got, err)
		} else if _, err := url.ParseQuery(u.RawQuery); err != nil {
			t.Errorf("%q: got query %q: %v", data, u.RawQuery, err)
		}
	}
	if got, ok := render(t, template.Header, lineText, data); ok && (strings.ContainsAny(got, "\r\n\x00\u0085\u2028\u2029") || !strings.HasPrefix(got, "Bearer ")) {
		t.Errorf("%q: got header %q, want one line", data, got)
	}
	if got, ok := render(t, template.Form, formText, data); ok && (strings.Count(got, "&") != 1 || strings.Count(got, "=") != 2) {
		t.Errorf("%q: got form %q, want two fields", data, got)
	}
}

// 10,000 values leave all structures intact.
func TestRender_AnyValue(t *testing.T) {
	const seed = 13
	r := rand.New(rand.NewPCG(seed, seed))
	for range 10_000 {
		wantSafe(t, map[string]any{"v": randomValue(r, 3), "w": randomText(r)})
	}
}

// In plain text the templates mean what they mean to another implementation of Mustache,
// with the exception of the values themselves: lists and objects are JSON here.
func TestRender_AsMustacheSays(t *testing.T) {
	pieces := []string{"{{s}}", "{{ t }}", "{{#l}}", "{{/l}}", "{{^l}}", "{{#o}}", "{{/o}}", "{{^none}}", "{{/none}}", "{{o.s}}", "{{! c }}", "a", " ", "\n", "\n", "  ", "{{#t}}", "{{/t}}", "}}", "{"}
	data := map[string]any{"s": "x", "t": "y", "l": []any{map[string]any{"s": "1"}, map[string]any{"s": "2"}}, "o": map[string]any{"s": "in"}}
	r := rand.New(rand.NewPCG(1, 2))
	same := 0
	for range 200_000 {
		var b strings.Builder
		for range 1 + r.IntN(9) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		text := b.String()
		if strings.HasSuffix(text, " ") {
			continue // the specification says nothing about blanks behind the last tag
		}
		tmpl, err := template.Parse(template.Text, text)
		if err != nil {
			continue
		}
		got, err := tmpl.Render(data)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		other, err := mustache.ParseStringRaw(text, true)
		if err != nil {
			t.Errorf("%q: got it parsed, want %v", text, err)
			continue
		}
		if want, err := other.Render(data); err != nil || got != want {
			t.Errorf("%q: got %q, want %q, %v", text, got, want, err)
		}
		if same++; t.Failed() {
			return
		}
	}
	if same < 10_000 {
		t.Errorf("got %d templates compared, want at least 10000", same)
	}
}

// No template and no value crashes the parser, and no value breaks a structure.
func FuzzTemplate(f *testing.F) {
	for _, text := range []string{jsonText, urlText, lineText, formText, "{{#v}}\n {{.}}\n{{/v}}", `"\{{v}}"`, "{{{v}}}", "https://a/{{", `[{{#v}}1,{{/v}}]`} {
		f.Add(text, `a"b`, `{"v":[1,"{{w}}"]}`)
	}
	f.Add("0", "0", strings.Repeat("\x03", 6000)) // longer than a URL when it is encoded
	f.Fuzz(func(t *testing.T, text, w, object string) {
		var v any
		if json.Unmarshal([]byte(object), &v) != nil {
			v = object
		}
		data := map[string]any{"v": v, "w": w}
		wantSafe(t, data)
		for _, kind := range []template.Kind{template.Text, template.JSON, template.URL, template.Header, template.Form} {
			tmpl, err := template.Parse(kind, text)
			if err != nil {
				continue
			}
			got, err := tmpl.Render(data)
			switch {
			case err != nil:
			case len(got) > template.MaxOutput:
				t.Errorf("%q: got %d bytes, want at most %d", text, len(got), template.MaxOutput)
			case kind == template.JSON && !json.Valid([]byte(got)):
				t.Errorf("%q with %q: got %q, want JSON", text, data, got)
			case kind == template.Header && strings.ContainsAny(got, "\r\n\x00"):
				t.Errorf("%q with %q: got %q, want one line", text, data, got)
			case kind == template.URL && !strings.HasPrefix(got, tmpl.Origin()):
				t.Errorf("%q with %q: got %q, want %s before it", text, data, got, tmpl.Origin())
			}
		}
	})
}
