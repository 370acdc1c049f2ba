package reply_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/mail/reply"
)

// chatOf returns the chat of a send, as the first part of its id.
func chatOf(ref string) (string, bool) {
	chat, _, ok := strings.Cut(ref, "/")
	return chat, ok
}

// A mail continues the chat of its token, or else of the latest of our mails that it answers.
// What was not made with the key names no chat.
func TestRecognize(t *testing.T) {
	own := func(ref string) string { return reply.ID(key, ref, "shop.example") }
	for name, c := range map[string]struct {
		mail channel.Mail
		want string // the chat
		ref  string // of the send that is reported as delivered
	}{
		"a new mail":               {channel.Mail{}, "", ""},
		"a token":                  {channel.Mail{Token: reply.Token(key, thread)}, thread.String(), ""},
		"a token and our id":       {channel.Mail{Token: reply.Token(key, thread), References: []string{own("c/r/0")}}, thread.String(), "c/r/0"},
		"our id alone":             {channel.Mail{References: []string{"a@x", own("c/r/0"), "0100@email.amazonses.com"}}, "c", "c/r/0"},
		"several of our ids":       {channel.Mail{References: []string{own("a/r/0"), own("b/r/0")}}, "b", "b/r/0"},
		"our id in In-Reply-To":    {channel.Mail{InReplyTo: []string{own("a/r/0")}, References: []string{own("b/r/0")}}, "a", "a/r/0"},
		"a chat's id as the token": {channel.Mail{Token: thread.String()}, "", ""},
		"another connection's":     {channel.Mail{Token: reply.Token([]byte("b"), thread), References: []string{reply.ID([]byte("b"), "c/r/0", "x")}}, "", ""},
		"a wrong token and our id": {channel.Mail{Token: "x", References: []string{own("c/r/0")}}, "c", "c/r/0"},
	} {
		t.Run(name, func(t *testing.T) {
			message := channel.Inbound{ID: "m", At: at, Mail: &c.mail}
			before := c.mail
			others := []channel.Update{{Ignored: "x"}, {Message: &channel.Inbound{ID: "n"}}}
			got := reply.Recognize(key, append([]channel.Update{{Account: "a", Message: &message}}, others...), chatOf)
			after := c.mail
			after.Token = c.want
			want := []channel.Update{{Account: "a", Message: &channel.Inbound{ID: "m", At: at, Mail: &after}}}
			if c.ref != "" {
				want = append(want, channel.Update{Account: "a", Status: &channel.Status{Ref: c.ref, State: channel.Delivered, At: at}})
			}
			if d := cmp.Diff(append(want, others...), got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if d := cmp.Diff(before, *message.Mail); d != "" {
				t.Errorf("the update that was given (-before +after):\n%s", d)
			}
		})
	}
}
