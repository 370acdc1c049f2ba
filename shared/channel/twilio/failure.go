package twilio

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/refusal"
)

var (
	errNoJSON    = errors.New("the answer is not JSON, or too long")
	errNoMessage = errors.New("the answer names no message")
)

func unsent(cause error) *channel.SendError {
	return &channel.SendError{Kind: channel.Unsent, Message: "Twilio could not be reached; nothing was sent", Err: cause}
}

func unknown(cause error) *channel.SendError {
	return &channel.SendError{Kind: channel.Unknown, Message: "The answer of Twilio was lost; the message may have been sent", Err: cause}
}

func rejected(text string) *channel.SendError {
	return &channel.SendError{Kind: channel.Rejected, Message: text}
}

// failureOf reads an answer that is no success, in Twilio's form of an error.
func failureOf(res *http.Response, answer []byte, token string) *channel.SendError {
	var shape struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
		Info    string `json:"more_info"`
	}
	if json.Unmarshal(answer, &shape) != nil {
		shape.Code, shape.Message = 0, ""
	}
	f := &channel.SendError{
		Kind: kindOf(shape.Code, res.StatusCode), Code: shape.Code, Message: refusal.HideToken(shape.Message, token, "auth token"),
		Err: fmt.Errorf("HTTP status %d", res.StatusCode),
	}
	if f.Message == "" {
		f.Message = textOf(shape.Code, fmt.Sprintf("Twilio answered with HTTP status %d", res.StatusCode))
	}
	switch f.Kind {
	case channel.Throttled:
		f.RetryAfter = refusal.RetryAfter(res.Header)
	case channel.Stopped:
		f.Action = actionOf(f.Code)
	case channel.Undeliverable:
		f.OptedOut = f.Code == optedOut
	}
	return f
}

// optedOut is Twilio's code for a person who sent STOP, to this service or to Twilio before.
const optedOut = 21610

// actions say what the owner of an account can do about a code.
var actions = map[int]string{
	20003: "Compare account_sid with Twilio's console, and rotate the connection's credentials with the account's present auth token.",
	21606: "Compare the connection's from with the numbers in Twilio's console.",
	21701: "Compare the connection's from with the messaging services in Twilio's console.",
	30002: "Open https://console.twilio.com and reactivate the account, or ask Twilio's support.",
	30032: "Verify the toll-free number in Twilio's console.",
	30034: "Register the number for A2P 10DLC in Twilio's console.",
	63007: "Compare the connection's from with the senders of its channel in Twilio's console.",
}

// actionOf returns what the owner of an account can do about a code.
func actionOf(code int) string {
	if action, ok := actions[code]; ok {
		return action
	}
	return fmt.Sprintf("Look up https://www.twilio.com/docs/api/errors/%d, and correct the account in Twilio's console.", code)
}

// kinds says what Twilio's codes call for. The page is "Error and Warning Dictionary". Codes
// of answers and of status callbacks are the same. Other codes are Rejected.
var kinds = refusal.Codes{
	// the credentials, the account, or its sender
	channel.Stopped: {
		10001, 10002, 20003, 20005, 20006, 21212, 21603, 21606, 21659, 21660, 21661, 21701, 21703, 21704, 21705,
		30002, 30024, 30032, 30034, 63001, 63002, 63007, 63020, 63051,
	},
	// too much at once, or a temporary fault
	channel.Throttled: {14107, 20429, 21611, 21730, 30001, 30017, 30022, 30023, 63012, 63018, 63038},
	// WhatsApp wants a template
	channel.WindowClosed: {63016},
	// this person
	channel.Undeliverable: {
		21211, 21214, 21217, 21265, 21408, 21608, 21610, 21612, 21614, 21635, 30003, 30004, 30005, 30006, 30008, 30009, 30036,
		63003, 63015, 63024, 63032, 63033, 63049,
	},
	channel.Rejected: {30007, 30010, 30011, 63005, 63013, 63027, 63028},
}

// kindOf returns what a code calls for, or else the HTTP status; 0 is none.
func kindOf(code, status int) channel.Kind {
	if kind, ok := kinds.Kind(code); ok {
		return kind
	}
	return refusal.KindOfStatus(status)
}

// texts are for codes that status callbacks name without a text.
var texts = map[int]string{
	21610: "The person has opted out of messages from this number",
	30001: "Twilio's queue for the sender is full",
	30002: "The Twilio account is suspended",
	30003: "The phone is switched off or cannot be reached",
	30004: "The message is blocked, or the phone does not accept it",
	30005: "The phone number is unknown or not in use",
	30006: "The number is a landline, or its carrier cannot be reached",
	30007: "A carrier filtered the message",
	30008: "The carrier reports a failure without a reason",
	30034: "The sender is not registered for A2P 10DLC, so carriers in the US refuse it",
	63003: "WhatsApp does not know the recipient",
	63016: "The person's last message is over 24 hours old, so WhatsApp accepts approved templates only",
	63024: "The recipient cannot receive the message on WhatsApp",
	63032: "WhatsApp does not send this message to this person",
}

func textOf(code int, otherwise string) string {
	text, ok := texts[code]
	switch {
	case ok:
		return text
	case code != 0:
		return fmt.Sprintf("%s with error %d", otherwise, code)
	}
	return otherwise
}
