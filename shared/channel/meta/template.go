package meta

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"

	"github.com/quintet-agents/quintet/shared/channel"
)

type (
	messageShape struct {
		Product       string        `json:"messaging_product"`
		RecipientType string        `json:"recipient_type"`
		To            string        `json:"to"`
		Type          string        `json:"type"`
		Template      templateShape `json:"template"`
		Ref           string        `json:"biz_opaque_callback_data,omitempty"`
	}
	templateShape struct {
		Name       string            `json:"name"`
		Language   languageShape     `json:"language"`
		Components []json.RawMessage `json:"components,omitempty"`
	}
	languageShape struct {
		Code string `json:"code"`
	}
	receiptShape struct {
		Contacts []struct {
			WaID string `json:"wa_id"`
		} `json:"contacts"`
		Messages []struct {
			ID     string `json:"id"`
			Status string `json:"message_status"`
		} `json:"messages"`
	}
)

// held is the status of a message that Meta has accepted and not sent yet.
const held = "held_for_quality_assessment"

// SendTemplate sends a template. An answer that names no message is Unknown: Meta has
// accepted something.
func (c *Client) SendTemplate(ctx context.Context, from channel.Sender, m channel.Message) (channel.Receipt, error) {
	if f := digits(from.PhoneNumberID); f != nil {
		return channel.Receipt{}, f
	}
	body, err := encode(m)
	if err != nil {
		return channel.Receipt{}, unsent(err)
	}
	answer, failed := c.do(ctx, http.MethodPost, "/"+from.PhoneNumberID+"/messages", from.Token, body)
	if failed != nil {
		return channel.Receipt{}, failed
	}
	var shape receiptShape
	if err := json.Unmarshal(answer, &shape); err != nil {
		return channel.Receipt{}, unknown(err)
	}
	if len(shape.Messages) == 0 || shape.Messages[0].ID == "" {
		return channel.Receipt{}, unknown(errNoMessage)
	}
	r := channel.Receipt{Body: answer, MessageID: shape.Messages[0].ID, Held: shape.Messages[0].Status == held}
	if len(shape.Contacts) > 0 {
		r.ContactID = shape.Contacts[0].WaID
	}
	return r, nil
}

// encode returns the body of a send. The components are the caller's own JSON: component
// types that are new to us pass through untouched.
func encode(m channel.Message) ([]byte, error) {
	shape := messageShape{
		Product: "whatsapp", RecipientType: "individual", To: m.To, Type: "template", Ref: m.Ref,
		Template: templateShape{Name: m.Template.Name, Language: languageShape{m.Template.Language}},
	}
	for _, component := range m.Template.Components {
		shape.Template.Components = append(shape.Template.Components, component.Raw)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(shape); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
