package inbox

import (
	"strings"

	"github.com/quintet-agents/quintet/shared/channel/markdown"
	"github.com/quintet-agents/quintet/shared/connection"
)

// form returns what an agent wrote, in Markdown as models do, in the form of a channel. Mail
// keeps it: a mail has the text and a page of it.
func form(c connection.Connection, answer string) string {
	switch {
	case c.Channel == connection.Email:
		return answer
	case c.Channel == connection.WhatsApp, c.Channel == connection.Twilio && strings.HasPrefix(c.Account(), "whatsapp:"):
		return markdown.WhatsApp(answer)
	}
	return markdown.Plain(answer)
}
