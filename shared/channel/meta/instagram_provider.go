package meta

import (
	"context"
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/split"
)

// MaxInstagramText is the longest text of Instagram, in bytes of UTF-8.
const MaxInstagramText = 1000

// Instagram is the channel.Provider of Instagram's business accounts.
//
// An account has one of two kinds of access token. One of Instagram Login starts with IG and
// is for graph.instagram.com. Any other is for graph.facebook.com: there, messages are sent as
// the page that the account belongs to, if the token is that page's, and as the account itself
// otherwise. The token alone cannot say whose it is, so the API is asked once for each.
type Instagram struct{ *Client }

// Split cuts an answer into as few messages as possible.
func (Instagram) Split(text string) []string {
	return split.Text(text, split.Limit{N: MaxInstagramText, Unit: split.Bytes})
}

// Send sends a text.
func (i Instagram) Send(ctx context.Context, a channel.Account, m channel.Outgoing) (channel.Receipt, error) {
	to, failed := i.endpoint(ctx, a)
	if failed != nil {
		return channel.Receipt{}, failed
	}
	return i.sendDirect(ctx, to, "", m)
}

// Typing marks the person's messages as read and shows that an answer is being written.
func (i Instagram) Typing(ctx context.Context, a channel.Account, m channel.Inbound) error {
	to, failed := i.endpoint(ctx, a)
	if failed != nil {
		return failed
	}
	return i.typeDirect(ctx, to, m)
}

// instagramLogin reports whether a token is of Instagram Login.
func instagramLogin(token string) bool { return strings.HasPrefix(token, "IG") }

func (i Instagram) endpoint(ctx context.Context, a channel.Account) (endpoint, *channel.SendError) {
	account, token := a.Identifiers[accountID], a.Secrets[accessToken]
	if f := digits(account); f != nil {
		return endpoint{}, f
	}
	if instagramLogin(token) {
		return endpoint{instagram, i.instagramRoot() + "/" + account + "/messages", token}, nil
	}
	page, failed := i.pageOf(ctx, account, token)
	if failed != nil {
		return endpoint{}, failed
	}
	if page != "" {
		account = page
	}
	return endpoint{instagram, i.root() + "/" + account + "/messages", token}, nil
}

// pageTime is how long the page behind a token is cached.
const pageTime = time.Hour

// errNoField is Meta's code for a field that an object does not have.
const errNoField = 100

// pageOf returns the page that a token belongs to, if the Instagram account is the page's; ""
// if the token is no page's.
func (c *Client) pageOf(ctx context.Context, account, token string) (string, *channel.SendError) {
	key := keyOf(token, account)
	if page, ok := c.pages.get(key, c.Now()); ok {
		return page, nil
	}
	var me struct {
		ID        string  `json:"id"`
		Instagram idShape `json:"instagram_business_account"`
	}
	failed := c.read(ctx, instagram, c.root()+"/me?fields=id,instagram_business_account", token, &me)
	switch {
	case failed != nil && failed.Code == errNoField: // only pages have the field
		me.ID = ""
	case failed != nil:
		return "", failed
	case me.Instagram.ID != account || !numeric(me.ID):
		me.ID = ""
	}
	c.pages.put(key, me.ID, c.Now().Add(pageTime))
	return me.ID, nil
}
