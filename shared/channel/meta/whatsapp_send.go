package meta

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/quintet-agents/quintet/shared/channel"
)

type (
	messageShape struct {
		Product       string         `json:"messaging_product"`
		RecipientType string         `json:"recipient_type"`
		To            string         `json:"to,omitempty"`
		Recipient     string         `json:"recipient,omitempty"`
		Type          string         `json:"type"`
		Context       *contextShape  `json:"context,omitempty"`
		Text          *textShape     `json:"text,omitempty"`
		Template      *templateShape `json:"template,omitempty"`
		Ref           string         `json:"biz_opaque_callback_data,omitempty"`
	}
	contextShape struct {
		MessageID string `json:"message_id"`
	}
	textShape struct {
		PreviewURL bool   `json:"preview_url"`
		Body       string `json:"body"`
	}
	receiptShape struct {
		Contacts []struct {
			WaID   string `json:"wa_id"`
			UserID string `json:"user_id"`
		} `json:"contacts"`
		Messages []struct {
			ID     string `json:"id"`
			Status string `json:"message_status"`
		} `json:"messages"`
	}
)

// held is the status of a message that Meta has accepted and not sent yet.
const held = "held_for_quality_assessment"

func newMessage(kind, ref string) messageShape {
	return messageShape{Product: "whatsapp", RecipientType: "individual", Type: kind, Ref: ref}
}

// sendWhatsApp sends one message from a number.
func (c *Client) sendWhatsApp(ctx context.Context, from channel.Sender, m messageShape) (channel.Receipt, error) {
	if f := digits(from.PhoneNumberID); f != nil {
		return channel.Receipt{}, f
	}
	body, err := encode(m)
	if err != nil {
		return channel.Receipt{}, whatsApp.unsent(err)
	}
	answer, failed := c.do(ctx, request{service: whatsApp, method: http.MethodPost, url: c.root() + "/" + from.PhoneNumberID + "/messages", token: from.Token, body: body, sends: true})
	if failed != nil {
		return channel.Receipt{}, failed
	}
	var shape receiptShape
	if err := json.Unmarshal(answer, &shape); err != nil {
		return channel.Receipt{}, whatsApp.unknown(err)
	}
	if len(shape.Messages) == 0 || shape.Messages[0].ID == "" {
		return channel.Receipt{}, whatsApp.unknown(errNoMessage)
	}
	r := channel.Receipt{Body: answer, MessageID: shape.Messages[0].ID, Held: shape.Messages[0].Status == held}
	if len(shape.Contacts) > 0 {
		r.ContactID, r.UserID = shape.Contacts[0].WaID, shape.Contacts[0].UserID
	}
	return r, nil
}

// address sets the recipient of a message: the phone number if it is known, because Meta
// then keeps showing it, or else the user id in a field of its own. A user id in the place of
// a number would be accepted and lost.
func (m *messageShape) address(p channel.Person) *channel.SendError {
	number := strings.TrimPrefix(p.Address, "+")
	switch {
	case numeric(number):
		m.To = number
	case isUserID(p.UserID):
		m.Recipient = p.UserID
	case isUserID(p.Address):
		m.Recipient = p.Address
	default:
		return rejected("The person has neither a phone number nor a user id of WhatsApp")
	}
	return nil
}
