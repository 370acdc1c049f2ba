package meta

import (
	"context"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/split"
)

// MaxMessengerText is the longest text of Messenger, in characters: Meta wants fewer than 2000.
const MaxMessengerText = 1999

// Messenger is the channel.Provider of Facebook pages.
type Messenger struct{ *Client }

// Split cuts an answer into as few messages as possible.
func (Messenger) Split(text string) []string {
	return split.Text(text, split.Limit{N: MaxMessengerText, Unit: split.Characters})
}

// Send sends a text.
func (p Messenger) Send(ctx context.Context, a channel.Account, m channel.Outgoing) (channel.Receipt, error) {
	to, failed := p.endpoint(a)
	if failed != nil {
		return channel.Receipt{}, failed
	}
	return p.sendDirect(ctx, to, "RESPONSE", m)
}

// Typing marks the person's messages as read and shows that an answer is being written.
func (p Messenger) Typing(ctx context.Context, a channel.Account, m channel.Inbound) error {
	to, failed := p.endpoint(a)
	if failed != nil {
		return failed
	}
	return p.typeDirect(ctx, to, m)
}

func (p Messenger) endpoint(a channel.Account) (endpoint, *channel.SendError) {
	page := a.Identifiers[pageID]
	return endpoint{messenger, p.root() + "/" + page + "/messages", a.Secrets[accessToken]}, digits(page)
}
