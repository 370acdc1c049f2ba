package twilio

import (
	"slices"
	"strings"

	"github.com/quintet-agents/quintet/shared/channel"
)

// The words that Twilio itself acts on for phone numbers, when a message has no other word.
// It answers them, and after one of optOutWords it refuses to send to the person.
var (
	optOutWords = []string{"STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"}
	optInWords  = []string{"START", "UNSTOP"}
	helpWords   = []string{"HELP", "INFO"}
)

// consent returns what a message says about receiving further ones, and whether Twilio
// answers it.
//
// With Advanced Opt-Out, OptOutType says so, on every channel and in any language. Without it,
// the words count for SMS. On WhatsApp Twilio acts on no word, so "stop" and "cancel" are for
// the agent there. A short code has the carriers' rule for opting out, while help is answered
// by its owner: by the agent. "YES" also opts in for Twilio, but is above all an answer to a
// question, so the agent answers it.
func consent(to, optOutType, text string) (c channel.Consent, handled bool) {
	switch strings.ToUpper(optOutType) {
	case "STOP":
		return channel.OptOut, true
	case "START":
		return channel.OptIn, true
	case "HELP":
		return channel.NoConsent, true
	}
	if kindOfAddress(to) == "whatsapp" {
		return channel.NoConsent, false
	}
	word := strings.ToUpper(strings.TrimSpace(text))
	switch {
	case slices.Contains(optOutWords, word):
		return channel.OptOut, true
	case slices.Contains(optInWords, word):
		return channel.OptIn, true
	case word == "YES":
		return channel.OptIn, false
	case slices.Contains(helpWords, word):
		return channel.NoConsent, !isShortCode(to)
	}
	return channel.NoConsent, false
}

// kindOfAddress returns the prefix of an address, as in whatsapp:+15551234567; it is empty
// for phone numbers.
func kindOfAddress(address string) string {
	kind, _, ok := strings.Cut(address, ":")
	if !ok {
		return ""
	}
	return strings.ToLower(kind)
}

func isShortCode(address string) bool {
	const longest = 8
	return address != "" && len(address) <= longest && strings.Trim(address, "0123456789") == ""
}
