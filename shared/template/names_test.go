package template_test

import (
	"testing"

	"github.com/quintet-agents/quintet/shared/template"
)

// Names within a section may be those of its entries, so only the others are checked.
func TestTemplate_CheckNames(t *testing.T) {
	rule := func(name string) string {
		if name == "vars.known" || name == "vars" {
			return ""
		}
		return "is unknown"
	}
	for text, want := range map[string]string{
		"{{vars.known}} {{vars}} {{.}}":           "",
		"a\n{{vars.other}}":                       "line 2, column 1: vars.other is unknown",
		"{{#vars.known}}{{other}}{{/vars.known}}": "",
		"{{#other}}{{/other}}":                    "line 1, column 1: other is unknown",
		"{{^vars}}{{other}}{{/vars}}":             "line 1, column 10: other is unknown",
		"{{! other }}":                            "",
	} {
		parsed, err := template.Parse(template.Text, text)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if err := parsed.CheckNames(rule); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}
