package meta

import (
	"context"
	"net/url"

	"github.com/quintet-agents/quintet/shared/channel"
)

type (
	definitionList struct {
		Data []definitionShape `json:"data"`
	}
	definitionShape struct {
		Name       string           `json:"name"`
		Language   string           `json:"language"`
		Components []componentShape `json:"components"`
	}
	componentShape struct {
		Type    string `json:"type"`
		Format  string `json:"format"`
		Text    string `json:"text"`
		Buttons []struct {
			Text string `json:"text"`
		} `json:"buttons"`
	}
)

// Definition reads a template's text from the business account that owns it. It returns nil
// if the account has no such template. The error is a *channel.SendError.
func (c *Client) Definition(ctx context.Context, from channel.Sender, accountID, name, language string) (*channel.Definition, error) {
	if f := digits(accountID); f != nil {
		return nil, f
	}
	// The filter also finds names that only contain this one.
	query := url.Values{"name": {name}, "fields": {"name,language,components"}, "limit": {"100"}}
	var list definitionList
	if failed := c.read(ctx, whatsApp, c.root()+"/"+accountID+"/message_templates?"+query.Encode(), from.Token, &list); failed != nil {
		return nil, failed
	}
	for _, shape := range list.Data {
		if shape.Name == name && shape.Language == language {
			return definitionOf(shape), nil
		}
	}
	return nil, nil
}

func definitionOf(shape definitionShape) *channel.Definition {
	var d channel.Definition
	for _, component := range shape.Components {
		switch component.Type {
		case "HEADER":
			d.Header = channel.Heading{Format: component.Format, Text: component.Text}
		case "BODY":
			d.Body = component.Text
		case "FOOTER":
			d.Footer = component.Text
		case "BUTTONS":
			for _, button := range component.Buttons {
				d.Buttons = append(d.Buttons, button.Text)
			}
		}
	}
	return &d
}
