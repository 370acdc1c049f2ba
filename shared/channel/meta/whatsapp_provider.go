package meta

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/split"
)

// MaxWhatsAppText is the longest text of WhatsApp, in characters.
const MaxWhatsAppText = 4096

// The fields of a connection's credentials.
const (
	accessToken   = "access_token"
	appSecret     = "app_secret"
	phoneNumberID = "phone_number_id"
	accountID     = "account_id"
	pageID        = "page_id"
)

// WhatsApp is the channel.Provider of WhatsApp numbers.
type WhatsApp struct{ *Client }

// Split cuts an answer into as few messages as possible: Meta charges for each.
func (WhatsApp) Split(text string) []string {
	return split.Text(text, split.Limit{N: MaxWhatsAppText, Unit: split.Characters})
}

// Send sends a text, or a template if the message has one.
func (w WhatsApp) Send(ctx context.Context, a channel.Account, m channel.Outgoing) (channel.Receipt, error) {
	shape := newMessage("text", m.Ref)
	switch {
	case m.Template != nil:
		shape.Type, shape.Template = "template", templateOf(channel.Template{Name: m.Template.Name, Language: m.Template.Language})
	case m.Late:
		return channel.Receipt{}, whatsApp.late()
	default:
		shape.Text = &textShape{Body: m.Text}
	}
	if m.ReplyTo != "" {
		shape.Context = &contextShape{m.ReplyTo}
	}
	if f := shape.address(m.To); f != nil {
		return channel.Receipt{}, f
	}
	return w.sendWhatsApp(ctx, senderOf(a), shape)
}

func senderOf(a channel.Account) channel.Sender {
	return channel.Sender{PhoneNumberID: a.Identifiers[phoneNumberID], Token: a.Secrets[accessToken]}
}

// readShape marks a message as read and shows that an answer is being written.
type readShape struct {
	Product   string      `json:"messaging_product"`
	Status    string      `json:"status"`
	MessageID string      `json:"message_id"`
	Typing    typingShape `json:"typing_indicator"`
}

type typingShape struct {
	Type string `json:"type"`
}

// Typing marks a message as read and shows for 25 seconds that an answer is being written.
func (w WhatsApp) Typing(ctx context.Context, a channel.Account, m channel.Inbound) error {
	from := senderOf(a)
	if f := digits(from.PhoneNumberID); f != nil {
		return f
	}
	body, err := encode(readShape{"whatsapp", "read", m.ID, typingShape{"text"}})
	if err != nil {
		return whatsApp.unsent(err)
	}
	_, failed := w.do(ctx, request{service: whatsApp, method: http.MethodPost, url: w.root() + "/" + from.PhoneNumberID + "/messages", token: from.Token, body: body})
	return orNil(failed)
}

// orNil returns a failure as an error: a nil *SendError would be none.
func orNil(f *channel.SendError) error {
	if f == nil {
		return nil
	}
	return f
}
