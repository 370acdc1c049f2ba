package template_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/template"
)

func decode(t testing.TB, text string) any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// A value is encoded for the place where it stands.
func TestRender(t *testing.T) {
	const data = `{"s":"a \"b\"\n{{n}}/..?&é","n":1.50,"big":12345678901234567890,"t":true,"f":false,"z":null,"e":"",
		"l":["x",2,{"k":"v"}],"o":{"k":"v\"","deep":{"er":"here"}},"empty":[],"crlf":"a\r\nX-Evil: 1\u2028b"}`
	for name, c := range map[string]struct {
		kind       template.Kind
		text, want string
	}{
		"text":                     {template.Text, `Hi {{s}}!`, "Hi a \"b\"\n{{n}}/..?&é!"},
		"text of a list":           {template.Text, `{{l}} {{o.deep}}`, `["x",2,{"k":"v"}] {"er":"here"}`},
		"text of nothing":          {template.Text, `[{{z}}{{nobody}}{{o.nobody.else}}{{s.x}}]`, `[]`},
		"numbers stay as written":  {template.Text, `{{n}} {{big}}`, `1.50 12345678901234567890`},
		"entries of a list":        {template.Text, `{{l.0}} {{l.2.k}} {{l.3}}{{l.-1}}`, `x v `},
		"a string in JSON":         {template.JSON, `{"a": "say {{s}}"}`, `{"a": "say a \"b\"\n{{n}}/..?&é"}`},
		"an object in a string":    {template.JSON, `"{{o}}"`, `"{\"deep\":{\"er\":\"here\"},\"k\":\"v\\\"\"}"`},
		"values in JSON":           {template.JSON, `{"a":{{s}},"b":{{n}},"c":[{{t}},{{z}},{{nobody}}],"d":{{o}}}`, `{"a":"a \"b\"\n{{n}}/..?&é","b":1.50,"c":[true,null,null],"d":{"deep":{"er":"here"},"k":"v\""}}`},
		"a name in JSON":           {template.JSON, `{"{{o.k}}": 1}`, `{"v\"": 1}`},
		"a JSON value alone":       {template.JSON, ` {{l}} `, ` ["x",2,{"k":"v"}] `},
		"repeated in JSON":         {template.JSON, `[0{{#l}},{{.}}{{/l}}]`, `[0,"x",2,{"k":"v"}]`},
		"optional in JSON":         {template.JSON, `{"a":1{{#t}},"t":{{t}}{{/t}}{{^f}},"f":false{{/f}}{{#z}},"z":1{{/z}}}`, `{"a":1,"t":true,"f":false}`},
		"repeated in a string":     {template.JSON, `{"a":"{{#l}}<{{.}}>{{/l}}"}`, `{"a":"<x><2><{\"k\":\"v\"}>"}`},
		"a path":                   {template.URL, `https://a.example/u/{{s}}/x`, `https://a.example/u/a%20%22b%22%0A%7B%7Bn%7D%7D%2F..%3F%26%C3%A9/x`},
		"a query":                  {template.URL, `https://a.example?q={{s}}&n={{n}}&x={{nobody}}`, `https://a.example?q=a%20%22b%22%0A%7B%7Bn%7D%7D%2F..%3F%26%C3%A9&n=1.50&x=`},
		"repeated in a query":      {template.URL, `https://a.example/?a=1{{#l}}&l={{.}}{{/l}}`, `https://a.example/?a=1&l=x&l=2&l=%7B%22k%22%3A%22v%22%7D`},
		"a header":                 {template.Header, `Token {{crlf}}`, `Token a  X-Evil: 1 b`},
		"a form":                   {template.Form, "a={{s}}&b={{t}}", "a=a%20%22b%22%0A%7B%7Bn%7D%7D%2F..%3F%26%C3%A9&b=true"},
		"sections look outwards":   {template.Text, `{{#o}}{{k}} {{n}} {{#deep}}{{er}}{{/deep}}{{/o}}`, `v" 1.50 here`},
		"what is empty":            {template.Text, `{{#e}}e{{/e}}{{#empty}}l{{/empty}}{{#f}}f{{/f}}{{#z}}z{{/z}}{{^e}}1{{/e}}{{^empty}}2{{/empty}}{{^nobody}}3{{/nobody}}{{^n}}n{{/n}}`, `123`},
		"comments":                 {template.JSON, `{"a":{{! what > it = is }}1}`, `{"a":1}`},
		"lines with a tag only":    {template.Text, "a\n  {{#t}}  \nb\n{{/t}}\n{{! c }}\nc", "a\nb\nc"},
		"braces that are no tags":  {template.JSON, `{"a":{"b":{{n}}}}`, `{"a":{"b":1.50}}`},
		"a surrogate and an u":     {template.JSON, `"\ud83d\ude00{{n}}"`, `"\ud83d\ude001.50"`},
		"blanks around a name":     {template.Text, "{{ n }}{{\tn\n}}", "1.501.50"},
		"nothing":                  {template.Text, "", ""},
		"a number beside a tag":    {template.JSON, `[1{{! x }},2]`, `[1,2]`},
		"a value never read again": {template.Text, `{{#o}}{{s}}{{/o}}`, "a \"b\"\n{{n}}/..?&é"},
	} {
		t.Run(name, func(t *testing.T) {
			tmpl, err := template.Parse(c.kind, c.text)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := tmpl.Render(decode(t, data)); got != c.want || err != nil {
				t.Errorf("got %q, %v; want %q", got, err, c.want)
			}
		})
	}
}

// A mistake is found when the template is saved, with its place.
func TestParse_Mistakes(t *testing.T) {
	const host = "the scheme and the host must be written out: a template begins with https://host/"
	for _, c := range []struct {
		kind       template.Kind
		text, want string
	}{
		{template.Text, "a\né {{n", "line 2, column 3: the tag is not closed with }}"},
		{template.Text, "{{}}", "line 1, column 1: the tag has no name"},
		{template.Text, "{{a b}}", "line 1, column 1: the name has a blank or a brace"},
		{template.Text, "{{a..b}}", "line 1, column 1: the name has an empty part"},
		{template.Text, "x{{{a}}}", "line 1, column 2: a value is always encoded for where it stands: write {{name}}"},
		{template.Text, "{{& a}}", "line 1, column 1: a value is always encoded for where it stands: write {{name}}"},
		{template.Text, "{{>a}}", "line 1, column 1: a template cannot include other templates"},
		{template.Text, "{{=<% %>=}}", "line 1, column 1: the delimiters cannot be changed"},
		{template.Text, "{{#a}}\n{{#b}}{{/a}}", "line 2, column 7: {{/a}} closes no section"},
		{template.Text, "{{/a}}", "line 1, column 1: {{/a}} closes no section"},
		{template.Text, "x{{#a}}", "line 1, column 2: the section a is not closed"},
		{template.Text, strings.Repeat("{{#a}}", 17) + strings.Repeat("{{/a}}", 17), "line 1, column 97: the sections are nested deeper than 16"},
		{template.Text, strings.Repeat("{{a}}", 1001), "line 1, column 5001: the template has more than 1000 tags"},
		{template.Text, strings.Repeat("a", template.MaxText+1), "line 1, column 1: the template is longer than 65536 bytes"},
		{template.Text, "\xff", "line 1, column 1: the template is not valid UTF-8"},

		{template.JSON, ``, "line 1, column 1: the JSON ends early: expected a value"},
		{template.JSON, "{\n\"a\": {{a}},\n}", "line 3, column 1: the JSON is broken here: expected a name in quotes"},
		{template.JSON, `{{{a}}: 1}`, "line 1, column 1: a value is always encoded for where it stands: write {{name}}"},
		{template.JSON, `{ {{a}}: 1}`, "line 1, column 3: a member's name must be in quotes"},
		{template.JSON, `{"a" {{b}}}`, "line 1, column 6: a value cannot stand here: expected :"},
		{template.JSON, `[1{{b}}]`, "line 1, column 3: a value cannot stand here: expected , or ]"},
		{template.JSON, `[{{b}}1]`, "line 1, column 7: the JSON is broken here: expected , or ]"},
		{template.JSON, `{{a}}{{b}}`, "line 1, column 6: a value cannot stand here: expected the end"},
		{template.JSON, `"\{{a}}"`, "line 1, column 3: a value cannot stand in an escape of a JSON string"},
		{template.JSON, `"\u00{{a}}"`, "line 1, column 6: a value cannot stand in an escape of a JSON string"},
		{template.JSON, `"\x"`, "line 1, column 3: the escape in the JSON string is unknown"},
		{template.JSON, "\"a\nb\"", "line 1, column 3: a JSON string cannot have a line break or a control character: write \\n"},
		{template.JSON, `"a`, "line 1, column 3: the JSON ends within a string"},
		{template.JSON, `[01]`, "line 1, column 4: the JSON is broken before this: 01 is no value"},
		{template.JSON, `[tru{{e}}]`, "line 1, column 5: the JSON is broken before this: tru is no value"},
		{template.JSON, `[nil]`, "line 1, column 5: the JSON is broken before this: nil is no value"},
		{template.JSON, `[1]]`, "line 1, column 4: the JSON is broken here: expected the end"},
		{template.JSON, `[1}`, "line 1, column 3: the JSON is broken here: expected , or ]"},
		{template.JSON, `{"a":1,}`, "line 1, column 8: the JSON is broken here: expected a name in quotes"},
		{template.JSON, `{]`, "line 1, column 2: the JSON is broken here: expected a name in quotes or }"},
		{template.JSON, `[`, "line 1, column 2: the JSON ends early: expected a value or ]"},
		{template.JSON, strings.Repeat("[", 101), "line 1, column 101: the JSON is nested too deeply"},
		{template.JSON, `[{{#a}}{{.}},{{/a}}]`, "line 1, column 14: the section a must end where it begins, for example with the same brackets open and a comma before each entry"},
		{template.JSON, `{"a":{{#a}}1{{/a}}}`, "line 1, column 13: the section a must end where it begins, for example with the same brackets open and a comma before each entry"},
		{template.JSON, `"{{#a}}"{{/a}}`, "line 1, column 9: the section a must end where it begins, for example with the same brackets open and a comma before each entry"},

		{template.URL, `https://{{a}}/`, "line 1, column 9: " + host},
		{template.URL, `https://a.{{a}}.example/`, "line 1, column 11: " + host},
		{template.URL, `https://a.example{{a}}`, "line 1, column 18: " + host},
		{template.URL, `https://a.example:{{a}}/`, "line 1, column 19: " + host},
		{template.URL, `{{a}}://a.example/`, "line 1, column 1: " + host},
		{template.URL, `//a.example/{{a}}`, "line 1, column 13: " + host},
		{template.URL, `https:///{{a}}`, "line 1, column 10: " + host},
		{template.URL, `ftp://a.example/`, "line 1, column 17: " + host},
		{template.URL, `https://{{#a}}x/{{/a}}`, "line 1, column 9: " + host},
		{template.URL, `https://a.example/a b`, "line 1, column 20: a URL has no blanks and no control characters"},
		{template.URL, `https://a.example/%{{a}}`, "line 1, column 19: a % must begin an escape such as %20"},
		{template.URL, `https://a.example/%4{{a}}`, "line 1, column 19: a % must begin an escape such as %20"},
		{template.URL, `https://a.example/#{{a}}`, "line 1, column 20: a value cannot stand behind the #, which is not sent"},
		{template.URL, `https://a.example/{{#a}}?b=1{{/a}}`, "line 1, column 29: the section a must end where it begins, for example with the same brackets open and a comma before each entry"},
		{template.Header, "a\r\nb", "line 1, column 2: a header is one line without control characters"},
	} {
		if _, err := template.Parse(c.kind, c.text); err == nil || err.Error() != c.want {
			t.Errorf("%.60q: got %v, want %s", c.text, err, c.want)
		}
	}
}

// A value that would lead to another path is refused, and so is an endless result.
func TestRender_Refusals(t *testing.T) {
	for _, c := range []struct{ url, data, want string }{
		{`https://a.example/u/{{id}}`, `{}`, "line 1, column 21: the value of id would change the path of the URL: it must not be empty, . or .."},
		{`https://a.example/u/{{id}}/x`, `{"id":".."}`, "line 1, column 21: the value of id would change the path of the URL: it must not be empty, . or .."},
		{`https://a.example/u/.{{id}}?a`, `{"id":"."}`, "line 1, column 22: the value of id would change the path of the URL: it must not be empty, . or .."},
		{`https://a.example/u/{{id}}%2e`, `{"id":"."}`, "line 1, column 21: the value of id would change the path of the URL: it must not be empty, . or .."},
		{`https://a.example/u/{{#id}}{{.}}{{/id}}`, `{"id":[".","."]}`, "line 1, column 28: the value of . would change the path of the URL: it must not be empty, . or .."},
	} {
		tmpl, err := template.Parse(template.URL, c.url)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := tmpl.Render(decode(t, c.data)); err == nil || err.Error() != c.want {
			t.Errorf("%s with %s: got %q, %v; want %s", c.url, c.data, got, err, c.want)
		}
	}
	ten := make([]any, 10)
	for i := range ten {
		ten[i] = "x"
	}
	for text, want := range map[string]string{
		strings.Repeat("{{#l}}", 8) + strings.Repeat("{{/l}}", 8):                             "line 1, column 43: the sections repeat too often",
		strings.Repeat("{{#l}}", 4) + strings.Repeat("a", 1000) + strings.Repeat("{{/l}}", 4): "line 1, column 25: the result is longer than 1048576 bytes",
	} {
		tmpl, err := template.Parse(template.Text, text)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := tmpl.Render(map[string]any{"l": ten}); err == nil || err.Error() != want {
			t.Errorf("got %d bytes, %v; want %s", len(got), err, want)
		}
	}
}

// A long path of many values is refused in little time.
func TestRender_LongURL(t *testing.T) {
	tmpl, err := template.Parse(template.URL, "https://a.example/-{{#l}}{{.}}{{nobody}}{{/l}}")
	if err != nil {
		t.Fatal(err)
	}
	many := make([]any, 30_000)
	for i := range many {
		many[i] = "ab"
	}
	const want = "line 1, column 26: the result is longer than 8192 bytes"
	if got, err := tmpl.Render(map[string]any{"l": many}); err == nil || err.Error() != want {
		t.Errorf("got %d bytes, %v; want %s", len(got), err, want)
	}
}

func TestOrigin(t *testing.T) {
	for text, want := range map[string]string{
		"https://a.example/x/{{a}}": "https://a.example", "HTTP://a.example:8080": "HTTP://a.example:8080", "https://a.example?q={{a}}": "https://a.example",
		"{{! the search }}https://a.example/{{a}}": "https://a.example",
	} {
		tmpl, err := template.Parse(template.URL, text)
		if err != nil {
			t.Fatal(err)
		}
		if got := tmpl.Origin(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// The origin is where the request goes: a comment within the host hides no part of it.
func TestOrigin_Comments(t *testing.T) {
	for text, want := range map[string]string{
		"https://a.example:8443/x/{{n}}":               "https://a.example:8443",
		"HTTPS://a.example?n={{n}}":                    "HTTPS://a.example",
		"https://a.example{{! x }}.evil.example/{{n}}": "https://a.example.evil.example",
		"htt{{! x }}ps://a.{{!}}example#x":             "https://a.example",
		"{{! x }}https://a.example/{{! x }}y":          "https://a.example",
	} {
		tmpl, err := template.Parse(template.URL, text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		rendered, err := tmpl.Render(map[string]any{"n": "1"})
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if got := tmpl.Origin(); got != want || !strings.HasPrefix(rendered, got) {
			t.Errorf("%s: got %s for the URL %s, want %s", text, got, rendered, want)
		}
	}
}

// Names of a hundred parts in sections within sections take no longer than other templates.
func TestRender_LongNames(t *testing.T) {
	name := strings.Repeat("a.", 98) + "a"
	var value any = "x"
	for range 99 {
		value = map[string]any{"a": value}
	}
	data := map[string]any{"l": make([]any, 300), "a": value}
	for i := range data["l"].([]any) {
		data["l"].([]any)[i] = json.Number("1")
	}
	tmpl, err := template.Parse(template.Text, "{{#l}}"+strings.Repeat("{{"+name+"}}", 300)+"{{/l}}")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := tmpl.Render(data); err == nil || !strings.Contains(err.Error(), "repeat too often") {
		t.Errorf("got %d bytes, %v, want an error", len(got), err)
	}
}
