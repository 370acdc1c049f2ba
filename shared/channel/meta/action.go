package meta

// The actions that several codes ask for.
const (
	renew      = "Make a new access token in Meta's business settings and rotate the connection's credentials."
	permission = "Give the access token's user the permission that Meta names, make a new token with it, and rotate the connection's credentials."
	support    = "Open the business's support home at Meta, which explains the restriction, and ask for a review there."
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

// noPermission is Meta's code for what a token, an app or a page may not do at all, or not now.
const noPermission = 10

// restrictedPage is its subcode for a page that may not send for a while.
const restrictedPage = 1893063

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
