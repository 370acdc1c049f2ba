package mcp

import (
	"encoding/json"
	"fmt"
	"strings"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/quintet-agents/quintet/shared/clip"
	"github.com/quintet-agents/quintet/shared/tool/pin"
)

// maxResult is the number of bytes of a result that a model reads.
const maxResult = 64 << 10

// resultOf returns a server's result as text. Texts are joined; structured content is JSON; what
// a model cannot read here is named. mask is applied before a long text is cut.
func resultOf(answer *sdk.CallToolResult, mask func(string) string) Result {
	if answer.NeedsInput() {
		return failed("the tool asks for more input from a person, which is not supported here")
	}
	var parts []string
	structured := structuredOf(answer.StructuredContent)
	for _, content := range answer.Content {
		text := textOf(content)
		if structured != "" && sameJSON(text, structured) {
			structured = "" // the text is its JSON, with all digits of large numbers
		}
		parts = append(parts, text)
	}
	if structured != "" {
		parts = append(parts, structured)
	}
	text := clip.Text(mask(strings.ToValidUTF8(strings.Join(parts, "\n"), "\uFFFD")), maxResult)
	if text == "" {
		text = "the tool returned nothing"
	}
	return Result{Text: text, Failed: answer.IsError}
}

func structuredOf(value any) string {
	if value == nil {
		return ""
	}
	text, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return string(text)
}

func sameJSON(a, b string) bool {
	one, err := pin.Canonical([]byte(a))
	if err != nil {
		return false
	}
	other, err := pin.Canonical([]byte(b))
	return err == nil && string(one) == string(other)
}

func textOf(content sdk.Content) string {
	switch c := content.(type) {
	case *sdk.TextContent:
		return c.Text
	case *sdk.ImageContent:
		return named("image", c.MIMEType, fmt.Sprintf("%d bytes", len(c.Data)))
	case *sdk.AudioContent:
		return named("audio", c.MIMEType, fmt.Sprintf("%d bytes", len(c.Data)))
	case *sdk.ResourceLink:
		return named("resource", c.URI, c.Name, c.MIMEType)
	case *sdk.EmbeddedResource:
		if c.Resource == nil {
			return named("resource")
		}
		name := named("resource", c.Resource.URI, c.Resource.MIMEType)
		if c.Resource.Text != "" {
			return name + "\n" + c.Resource.Text
		}
		return name
	}
	return named("content of an unknown type")
}

// named names a part that is not shown, such as [image image/png 1234 bytes].
func named(parts ...string) string {
	known := parts[:0:0]
	for _, p := range parts {
		if p != "" {
			known = append(known, p)
		}
	}
	return "[" + strings.Join(known, " ") + "]"
}
