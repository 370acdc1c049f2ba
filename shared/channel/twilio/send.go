package twilio

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/split"
)

// maxSent is the longest text of a message. Twilio counts as Java does, in UTF-16.
const maxSent = 1600

// Split cuts an answer into messages of 1,600 characters, on every channel.
func (*Client) Split(text string) []string {
	return split.Text(text, split.Limit{N: maxSent, Unit: split.UTF16})
}

// Send sends a text or a template. An answer that names no message is Unknown: Twilio has
// accepted something.
func (c *Client) Send(ctx context.Context, a channel.Account, m channel.Outgoing) (channel.Receipt, error) {
	sid, failed := sidOf(a)
	if failed != nil {
		return channel.Receipt{}, failed
	}
	form, failed := c.form(a, m)
	if failed != nil {
		return channel.Receipt{}, failed
	}
	answer, failed := c.do(ctx, a, c.accountURL(sid, "/Messages.json"), form)
	if failed != nil {
		return channel.Receipt{}, failed
	}
	var shape struct {
		SID     string `json:"sid"`
		Status  string `json:"status"`
		Code    int    `json:"error_code"`
		Message string `json:"error_message"`
	}
	switch err := json.Unmarshal(answer, &shape); {
	case err != nil:
		return channel.Receipt{}, unknown(err)
	case shape.Status == "failed" || shape.Status == "undelivered":
		text := shape.Message
		if text == "" {
			text = textOf(shape.Code, "Twilio reports the message as "+shape.Status)
		}
		return channel.Receipt{}, &channel.SendError{Kind: kindOf(shape.Code, 0), Code: shape.Code, Message: text}
	case shape.SID == "":
		return channel.Receipt{}, unknown(errNoMessage)
	}
	return channel.Receipt{Body: answer, MessageID: shape.SID}, nil
}

// form returns the request of a message.
func (c *Client) form(a channel.Account, m channel.Outgoing) (url.Values, *channel.SendError) {
	from := a.Identifiers["from"]
	form := url.Values{"To": {recipient(from, m.To)}}
	if form.Get("To") == "" {
		return nil, rejected("The message has no recipient")
	}
	if strings.HasPrefix(from, "MG") {
		form.Set("MessagingServiceSid", from)
	} else {
		form.Set("From", from)
	}
	if m.Template != nil {
		form.Set("ContentSid", m.Template.ContentSID)
		if len(m.Template.Variables) > 0 {
			variables, err := json.Marshal(m.Template.Variables)
			if err != nil {
				return nil, rejected("The variables of the template cannot be encoded")
			}
			form.Set("ContentVariables", string(variables))
		}
	} else {
		form.Set("Body", m.Text)
	}
	if callback := c.callback(a, m.Ref); callback != "" {
		form.Set("StatusCallback", callback)
	}
	return form, nil
}

// recipient returns the address of a person in the channel of the sender. A person who hides
// the phone number on WhatsApp is reached by the user id.
func recipient(from string, to channel.Person) string {
	address := to.Address
	if address == "" && to.UserID != "" {
		return "whatsapp:" + to.UserID
	}
	if kind := kindOfAddress(from); kind == "whatsapp" && address != "" && kindOfAddress(address) == "" {
		return kind + ":" + address
	}
	return address
}

// callback returns the URL of the statuses of a send.
func (c *Client) callback(a channel.Account, ref string) string {
	webhookURL := a.WebhookURL(c.base)
	if strings.HasPrefix(webhookURL, "/") {
		return "" // no public URL is known
	}
	if ref != "" {
		webhookURL += "?" + RefParameter + "=" + url.QueryEscape(ref)
	}
	return webhookURL
}

// Typing marks a message as read and shows for up to 25 seconds that an answer is being
// written. Twilio can do so on WhatsApp only.
func (c *Client) Typing(ctx context.Context, a channel.Account, m channel.Inbound) error {
	if m.ID == "" || kindOfAddress(m.From.Address) != "whatsapp" && m.From.UserID == "" {
		return nil
	}
	form := url.Values{"messageId": {m.ID}, "channel": {"whatsapp"}}
	if _, failed := c.do(ctx, a, c.messaging+"/v2/Indicators/Typing.json", form); failed != nil {
		return failed
	}
	return nil
}
