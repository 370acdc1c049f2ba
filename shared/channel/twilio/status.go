package twilio

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/quintet-agents/quintet/shared/channel"
)

// states are the states of Twilio's that say more than nothing. A message that Twilio has
// queued is accepted, which settles a send whose response was lost.
var states = map[string]channel.State{
	"accepted": channel.Sent, "scheduled": channel.Sent, "queued": channel.Sent, "sending": channel.Sent, "sent": channel.Sent,
	"delivered": channel.Delivered, "partially_delivered": channel.Delivered, "read": channel.Read,
	"undelivered": channel.Failed, "failed": channel.Failed, "canceled": channel.Failed,
}

// status reads a status callback. Twilio gives no time of it.
func (f fields) status(from, id, state, ref string) channel.Update {
	u := channel.Update{Account: f.account(from, "From")}
	known, ok := states[strings.ToLower(state)]
	if !ok {
		u.Ignored = fmt.Sprintf("the status %.40q is unknown", state)
		return u
	}
	s := channel.Status{MessageID: id, State: known, Person: f.person("To")}
	if len(ref) <= channel.MaxRef {
		s.Ref = ref
	}
	if known == channel.Failed {
		s.Failure = f.failure(state)
	}
	u.Status = &s
	return u
}

// failure returns why a message failed. Older callbacks have the code and no text.
func (f fields) failure(state string) *channel.SendError {
	code, err := strconv.Atoi(f.get("ErrorCode"))
	if err != nil || code < 0 {
		code = 0
	}
	failed := &channel.SendError{Kind: kindOf(code, 0), Code: code, Message: strings.TrimSpace(f.get("ErrorMessage")), Details: strings.TrimSpace(f.get("ChannelStatusMessage"))}
	if failed.Message == "" {
		failed.Message = textOf(code, "Twilio reports the message as "+strings.ToLower(state))
	}
	return failed
}
