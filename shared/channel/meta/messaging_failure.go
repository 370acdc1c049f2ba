package meta

import "github.com/quintet-agents/quintet/shared/channel"

// fault is a code of Messenger's and Instagram's with its subcode.
type fault struct{ code, subcode int }

// messagingFaults are the codes whose subcode decides. The page is "Error codes" of the
// Messenger Platform, as of March 2026, and of Instagram for those that start with 2534.
var messagingFaults = map[fault]channel.Kind{
	{1, 1357046}:         channel.Unknown, // "invalid JSON reply": the message was sent nevertheless
	{10, 2018065}:        channel.WindowClosed,
	{10, 2018278}:        channel.WindowClosed,
	{10, 2534022}:        channel.WindowClosed,
	{10, 2018108}:        channel.Undeliverable, // the person receives no messages from this page
	{10, restrictedPage}: channel.Stopped,       // the page is restricted for a while
	{100, 2018001}:       channel.Undeliverable, // no such person
	{100, 2534014}:       channel.Undeliverable,
	{200, 1545041}:       channel.Undeliverable, // the person is not available
	{200, 2018028}:       channel.Undeliverable, // an app in development reaches its testers only
}

// messagingKinds are the codes of Messenger and Instagram that WhatsApp does not have, or has
// for another reason. 100 stays Rejected: it is also the answer to a tag that Meta has ended.
var messagingKinds = map[int]channel.Kind{
	17: channel.Throttled, 32: channel.Throttled, 341: channel.Throttled, 613: channel.Throttled, 1200: channel.Throttled,
	80002: channel.Throttled, 80006: channel.Throttled,
	551: channel.Undeliverable, // the person has blocked the page or closed the account
}

// messagingKind says what an error of Messenger or Instagram calls for.
func messagingKind(code, subcode int, transient bool) channel.Kind {
	if kind, ok := messagingFaults[fault{code, subcode}]; ok {
		return kind
	}
	if kind, ok := messagingKinds[code]; ok {
		return kind
	}
	return kindOf(code, transient)
}
