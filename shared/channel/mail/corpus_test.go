package mail_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/channel"
)

// corpus returns the mails of enmime's own tests.
func corpus(t testing.TB) map[string]string {
	t.Helper()
	folder, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/jhillyerd/enmime/v2").Output()
	if err != nil {
		t.Fatal(err)
	}
	mails := map[string]string{}
	for _, pattern := range []string{"*/*.raw", "encode/*.golden"} {
		paths, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(folder)), "testdata", pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			mails[filepath.Base(path)] = string(text)
		}
	}
	return mails
}

// Each mail of enmime's own tests becomes a message with a text, or says why it does not.
// Parts without a sender are put below a head.
func TestInbox_ReadsEnmimesMails(t *testing.T) {
	mails := corpus(t)
	if got, least := len(mails), 90; got < least {
		t.Fatalf("got %d mails, want at least %d", got, least)
	}
	answered := 0
	for name, text := range mails {
		u := raw(t, text)
		if u.Ignored != "" {
			u = raw(t, "From: Ada <ada@example.org>\r\n"+text)
		}
		in := message(t, u)
		if in.Text == "" || in.ID == "" || in.From.Address == "" {
			t.Errorf("%s: got %+v, want a text, an id and a sender", name, in)
		}
		if diff := cmp.Diff(u, raw(t, "From: Ada <ada@example.org>\r\n"+text)); u.Message.From.Address == "ada@example.org" && diff != "" {
			t.Errorf("%s: a repetition differs: %s", name, diff)
		}
		if in.Handling == channel.Answer {
			answered++
		}
		t.Logf("%-50s %-8s %q %d files", name, in.Handling, in.Text[:min(len(in.Text), 70)], len(in.Media))
	}
	t.Logf("%d of %d mails are answered", answered, len(mails))
}
