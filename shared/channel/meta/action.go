package meta

import (
	"slices"

	"github.com/quintet-agents/quintet/shared/channel"
)

// The actions that several codes ask for.
const (
	renew      = "Make a new access token in Meta's business settings and rotate the connection's credentials."
	permission = "Give the access token's user the permission that Meta names, make a new token with it, and rotate the connection's credentials."
	support    = "Open the business's support home at Meta, which explains the restriction, and ask for a review there."
	slowDown   = "People have blocked or reported the number. Write only to people who expect it and send fewer templates; Meta slows the number down until its quality in WhatsApp Manager is better. Messages that wait are sent when Meta takes them."
	register   = "Register the phone number for the Cloud API in WhatsApp Manager."
)

// actions say what the owner of a connection can do about Meta's codes.
var actions = map[int]string{
	10:     permission,
	100:    "Compare the connection's ids with those in Meta's console, and check that the access token's user has access to the account.",
	190:    renew,
	368:    support,
	131005: permission,
	131031: support,
	131037: "Have the display name of the phone number approved in WhatsApp Manager.",
	131042: "Add a payment method to the WhatsApp business account.",
	131045: register,
	133010: register,
}

// slowed are the codes of throttling that the owner must know: they end only when people no longer
// block or report the number.
var slowed = []int{131048, 131064}

// noPermission is Meta's code for what a token, an app or a page may not do at all, or not now.
const noPermission = 10

// restrictedPage is its subcode for a page that may not send for a while.
const restrictedPage = 1893063

// actionFor returns what the owner can do about a failure, if anything is to be done.
func actionFor(f *channel.SendError, subcode int) string {
	switch {
	case f.Kind == channel.Stopped:
		return actionOf(f.Code, subcode)
	case f.Kind == channel.Throttled && slices.Contains(slowed, f.Code):
		return slowDown
	}
	return ""
}

// actionOf returns what the owner can do about a refusal.
func actionOf(code, subcode int) string {
	if code == noPermission && subcode == restrictedPage {
		return "Wait until Meta lifts the restriction of the page; its support inbox shows until when."
	}
	if code >= 200 && code <= 299 {
		return permission
	}
	if action, ok := actions[code]; ok {
		return action
	}
	return "Look at the account and its permissions in Meta's business settings; if the token changed, rotate the connection's credentials."
}
