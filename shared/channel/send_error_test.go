package channel_test

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"testing"

	"github.com/quintet-agents/quintet/shared/channel"
)

// A failure names the provider's own code, which is a number or a word.
func TestSendError_Text(t *testing.T) {
	for want, f := range map[string]channel.SendError{
		"rejected: no":                           {Kind: channel.Rejected, Message: "no"},
		"rejected: no (code 100)":                {Kind: channel.Rejected, Message: "no", Code: 100},
		"stopped: no (code AccountSuspended)":    {Kind: channel.Stopped, Message: "no", Name: "AccountSuspended"},
		"unknown: no: unexpected EOF":            {Kind: channel.Unknown, Message: "no", Err: io.ErrUnexpectedEOF},
		"throttled: no (code 613): short buffer": {Kind: channel.Throttled, Message: "no", Code: 613, Err: io.ErrShortBuffer},
	} {
		if got := f.Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestSendError_Reason(t *testing.T) {
	for want, f := range map[string]channel.SendError{
		"Gone":                  {Message: "Gone"},
		"Gone: no such mailbox": {Message: "Gone", Details: "no such mailbox"},
		"Message Undeliverable": {Message: "Message Undeliverable", Details: "Message undeliverable."},
	} {
		if got := f.Reason(); got != want {
			t.Errorf("%+v: got %q, want %q", f, got, want)
		}
	}
}

func TestHideQuery(t *testing.T) {
	cause := errors.New("no route")
	for _, test := range []struct {
		name string
		err  error
		want string
	}{
		{"a signed URL", &url.Error{Op: "Get", URL: "https://files.example/a?signature=s3cret", Err: cause}, `Get "https://files.example/a": no route`},
		{"a wrapped one", fmt.Errorf("file: %w", &url.Error{Op: "Get", URL: "https://ann:pw@files.example/a?b", Err: cause}), `Get "https://files.example/a": no route`},
		{"no URL", &url.Error{Op: "parse", URL: "%", Err: cause}, `parse "": no route`},
		{"another error", cause, "no route"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := channel.HideQuery(test.err)
			if got.Error() != test.want || !errors.Is(got, cause) {
				t.Errorf("got %q, want %q with its cause", got, test.want)
			}
		})
	}
}
