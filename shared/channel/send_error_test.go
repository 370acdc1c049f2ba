package channel_test

import (
	"io"
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
