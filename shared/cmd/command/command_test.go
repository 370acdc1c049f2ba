package command

import (
	"strings"
	"testing"
)

func TestAsked(t *testing.T) {
	for args, want := range map[string]string{
		"--help": "How to.\n", "-h": "How to.\n", "help": "How to.\n", "--version": "tool ", "list": "", "mint --help": "", "": "",
	} {
		var out strings.Builder
		asked := Asked("tool", "How to.\n", strings.Fields(args), &out)
		if asked != (want != "") || !strings.HasPrefix(out.String(), want) || want == "" && out.Len() > 0 {
			t.Errorf("%q: got %t and %q, want %q", args, asked, out.String(), want)
		}
	}
}
