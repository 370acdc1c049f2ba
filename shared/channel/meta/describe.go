package meta

import (
	"context"
	"log/slog"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
)

// How long what is needed for descriptions is cached. A number hardly ever changes its
// account; the text of a template can be edited ten times a month.
const (
	accountTime    = 24 * time.Hour
	definitionTime = 10 * time.Minute
	failureTime    = time.Minute
)

// Describe returns a template with its values as one text, as the person reads it. It finds
// the account of the number and the template's definition, and caches both. Where that fails
// the text is a plain description: a message that was sent is worth a line in any case.
func (c *Client) Describe(ctx context.Context, from channel.Sender, t channel.Template) string {
	now := c.Now()
	key := keyOf(from.Token, from.PhoneNumberID+"/"+t.Name+"/"+t.Language)
	d, ok := c.definitions.get(key, now)
	if ok {
		return t.Text(d)
	}
	d, failed := c.readDefinition(ctx, from, t)
	life := definitionTime
	if failed != nil {
		slog.WarnContext(ctx, "the definition of a template was not read; its text in the thread is a plain description", "template", t.Name, "error", failed)
		life = failureTime
	}
	c.definitions.put(key, d, now.Add(life))
	return t.Text(d)
}

func (c *Client) readDefinition(ctx context.Context, from channel.Sender, t channel.Template) (*channel.Definition, error) {
	account, failed := c.accountOf(ctx, from)
	if failed != nil {
		return nil, failed
	}
	return c.Definition(ctx, from, account, t.Name, t.Language)
}

// accountOf returns the id of the WhatsApp business account that owns a number: the number's
// health names it, for any token that may send from it.
func (c *Client) accountOf(ctx context.Context, from channel.Sender) (string, *channel.SendError) {
	if f := digits(from.PhoneNumberID); f != nil {
		return "", f
	}
	key := keyOf(from.Token, from.PhoneNumberID)
	if account, ok := c.accounts.get(key, c.Now()); ok {
		return account, nil
	}
	var n numberShape
	if f := c.read(ctx, whatsApp, c.root()+"/"+from.PhoneNumberID+"?fields=health_status", from.Token, &n); f != nil {
		return "", f
	}
	account := n.Health.account()
	if account == "" {
		return "", rejected("WhatsApp does not name the business account of the number")
	}
	c.accounts.put(key, account, c.Now().Add(accountTime))
	return account, nil
}
