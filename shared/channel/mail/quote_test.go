package mail_test

import (
	"encoding/json"
	"mime"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// text is a mail's text of testdata, and what its author wrote.
type text struct{ Name, Subject, Text, HTML, Want string }

func texts(t testing.TB, path string) []text {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var all []text
	if err := json.Unmarshal(content, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// raw returns the text as a raw mail.
func (x text) raw() string {
	kind, body := "plain", x.Text
	if x.HTML != "" {
		kind, body = "html", x.HTML
	}
	return "From: ada@example.org\r\nSubject: " + mime.QEncoding.Encode("utf-8", x.Subject) + "\r\nContent-Type: text/" + kind + "; charset=utf-8\r\n\r\n" + strings.ReplaceAll(body, "\n", "\r\n")
}

// History is removed as the mail programs of many languages mark it; answers below it and
// between its lines, forwarded mails and the sentences of people stay.
func TestInbox_StripsHistory(t *testing.T) {
	for _, path := range []string{"testdata/quotes.json", "testdata/html.json"} {
		for _, x := range texts(t, path) {
			t.Run(x.Name, func(t *testing.T) {
				if diff := cmp.Diff(x.Want, message(t, raw(t, x.raw())).Text); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			})
		}
	}
}

// A text that is all marks takes less than a second. With quadratic time it would take hours.
func TestInbox_StripsHistory_InTime(t *testing.T) {
	for name, line := range map[string]string{
		"words":        strings.Repeat("On 2026 a@b wrote ", 500_000),
		"lines":        strings.Repeat("On 1.1.2026\n", 500_000),
		"quotes":       strings.Repeat("> x\ny\n", 500_000),
		"heads":        strings.Repeat("From: x\n", 500_000),
		"marks":        strings.Repeat("-- - ", 500_000),
		"angles":       strings.Repeat("<a@", 500_000),
		"attributions": strings.Repeat("On 1.1.2026 <a@b.c>:\n", 250_000),
	} {
		start := time.Now()
		raw(t, "From: ada@example.org\r\n\r\n"+line)
		t.Logf("%s: %s", name, time.Since(start))
		if took, most := time.Since(start), 30*time.Second; took > most {
			t.Errorf("%s: got %s, want at most %s", name, took, most)
		}
	}
}
