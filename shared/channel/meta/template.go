package meta

import (
	"context"
	"encoding/json"

	"github.com/quintet-agents/quintet/shared/channel"
)

type (
	templateShape struct {
		Name       string            `json:"name"`
		Language   languageShape     `json:"language"`
		Components []json.RawMessage `json:"components,omitempty"`
	}
	languageShape struct {
		Code string `json:"code"`
	}
)

// SendTemplate sends a template over WhatsApp. An answer that names no message is Unknown:
// Meta has accepted something.
func (c *Client) SendTemplate(ctx context.Context, from channel.Sender, m channel.Message) (channel.Receipt, error) {
	shape := newMessage("template", m.Ref)
	shape.To, shape.Template = m.To, templateOf(m.Template)
	return c.sendWhatsApp(ctx, from, shape)
}

// templateOf returns a template as it is sent. The components are the caller's own JSON:
// component types that are new to us pass through untouched.
func templateOf(t channel.Template) *templateShape {
	shape := &templateShape{Name: t.Name, Language: languageShape{t.Language}}
	for _, component := range t.Components {
		shape.Components = append(shape.Components, component.Raw)
	}
	return shape
}
