package inbox

import (
	"strings"

	"github.com/quintet-agents/quintet/shared/channel"
)

// text returns messages as one text, a line each.
func text(taken []Pending) string {
	var lines []string
	for _, p := range taken {
		lines = append(lines, p.Line())
	}
	return strings.Join(lines, "\n")
}

// Line returns the message as it is in the text of its turn.
func (p Pending) Line() string {
	if strings.TrimSpace(p.Message.Text) == "" {
		return describe(p.Message)
	}
	return p.Message.Text
}

// describe names what a message without a text contains.
func describe(m channel.Inbound) string {
	var names []string
	for _, file := range m.Media {
		name := file.Type
		if file.Name != "" {
			name += " " + file.Name
		}
		names = append(names, "["+name+"]")
	}
	if len(names) == 0 {
		return "[" + m.Type + "]"
	}
	return strings.Join(names, " ")
}
