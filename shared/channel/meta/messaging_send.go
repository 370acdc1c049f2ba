package meta

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/quintet-agents/quintet/shared/channel"
)

type (
	directShape struct {
		Recipient     idShape          `json:"recipient"`
		MessagingType string           `json:"messaging_type,omitempty"`
		Tag           string           `json:"tag,omitempty"`
		Message       *directTextShape `json:"message,omitempty"`
		Action        string           `json:"sender_action,omitempty"`
	}
	idShape struct {
		ID string `json:"id"`
	}
	directTextShape struct {
		Text     string `json:"text"`
		Metadata string `json:"metadata,omitempty"` // Messenger repeats it in the echo of the message
	}
	directReceiptShape struct {
		RecipientID string `json:"recipient_id"`
		MessageID   string `json:"message_id"`
	}
)

// endpoint is where the messages of an Instagram account or a page are sent.
type endpoint struct {
	service service
	url     string
	token   string
}

// sendDirect sends a text over Instagram or Messenger. Later than 24 hours after the person's
// last message only a person may answer, with a tag that says so; Meta has ended the others.
func (c *Client) sendDirect(ctx context.Context, to endpoint, ordinary string, m channel.Outgoing) (channel.Receipt, error) {
	shape := directShape{Recipient: idShape{m.To.Address}, MessagingType: ordinary, Message: &directTextShape{Text: m.Text}}
	if to.service.name == messenger.name {
		shape.Message.Metadata = m.Ref
	}
	switch {
	case m.Template != nil:
		return channel.Receipt{}, rejected(to.service.name + " has no templates that may be sent at any time")
	case m.To.Address == "":
		return channel.Receipt{}, nobody(to.service)
	case m.Late && !m.Human:
		return channel.Receipt{}, to.service.late()
	case m.Late:
		shape.MessagingType, shape.Tag = "MESSAGE_TAG", "HUMAN_AGENT"
	}
	answer, failed := c.postDirect(ctx, to, shape)
	if failed != nil {
		if shape.Tag != "" && failed.Kind == channel.Stopped && failed.Code != invalidToken {
			failed.Kind = channel.Rejected // the app may lack the tag alone: answers in time are still sent
		}
		return channel.Receipt{}, failed
	}
	var receipt directReceiptShape
	if err := json.Unmarshal(answer, &receipt); err != nil {
		return channel.Receipt{}, to.service.unknown(err)
	}
	if receipt.MessageID == "" {
		return channel.Receipt{}, to.service.unknown(errNoMessage)
	}
	return channel.Receipt{Body: answer, MessageID: receipt.MessageID, ContactID: receipt.RecipientID}, nil
}

// typeDirect marks a person's messages as read and shows that an answer is being written.
func (c *Client) typeDirect(ctx context.Context, to endpoint, m channel.Inbound) error {
	if m.From.Address == "" {
		return nobody(to.service)
	}
	for _, action := range []string{"mark_seen", "typing_on"} {
		if _, failed := c.postDirect(ctx, to, directShape{Recipient: idShape{m.From.Address}, Action: action}); failed != nil {
			return failed
		}
	}
	return nil
}

func (c *Client) postDirect(ctx context.Context, to endpoint, shape directShape) ([]byte, *channel.SendError) {
	body, err := encode(shape)
	if err != nil {
		return nil, to.service.unsent(err)
	}
	return c.do(ctx, request{service: to.service, method: http.MethodPost, url: to.url, token: to.token, body: body, sends: shape.Message != nil})
}

func nobody(s service) *channel.SendError { return rejected("The person has no id of " + s.name) }
