package thread_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/thread"
)

// No id crashes the parsers, valid ids round-trip, and a title is one line of whole
// characters.
func FuzzIDs(f *testing.F) {
	f.Add("msg-1796004555894571a-0190d3c0-7a5e-7cc3-98c4-dc0c0c07398f")
	f.Add("0190d3c0-7a5e-7cc3-98c4-dc0c0c07398f.0190d3c0-7a5e-7cc3-98c4-dc0c0c07398f")
	f.Add("key:guide-0a1b2c")
	f.Add("msg-+796004555894571b-{0190d3c0-7a5e-7cc3-98c4-dc0c0c07398f}")
	f.Add("👩‍👩‍👧 שלום\u2028\n\xff" + strings.Repeat("é", 200))
	f.Fuzz(func(t *testing.T, id string) {
		number, role, err := thread.ParseMessageID("after", id)
		switch e := fault.From(err); {
		case e == nil:
			if turn := id[len(id)-36:]; thread.MessageID(number, role, turn) != id {
				t.Errorf("%q: got number %d and role %s, want those that make the id", id, number, role)
			}
		case e.Code != fault.Invalid || e.Field != "after":
			t.Errorf("%q: got error %v, want Invalid of field after", id, err)
		}
		if thread.ValidID(id) && (len(id) > 128 || strings.ContainsAny(id, "#/ \n\x00") || !utf8.ValidString(id)) {
			t.Errorf("got %q accepted as a thread id, want it refused", id)
		}
		if hint := thread.AgentHint(id); hint != "" && !strings.HasPrefix(id, hint+".") {
			t.Errorf("%q: got agent hint %q, want a prefix of the id", id, hint)
		}
		if title := thread.TitleFrom(id); utf8.RuneCountInString(title) > thread.MaxTitle || strings.ContainsAny(title, "\r\n\t") || utf8.ValidString(id) && !utf8.ValidString(title) {
			t.Errorf("%q: got title %q, want one short line of valid UTF-8", id, title)
		}
	})
}
