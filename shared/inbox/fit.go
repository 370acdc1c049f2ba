package inbox

import (
	"encoding/json"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/clip"
	"github.com/quintet-agents/quintet/shared/turn"
)

// maxEncoded is the largest encoded text. A row of the table has at most 400 KB, and an update
// that cannot be stored would be delivered again until the provider gives up.
const maxEncoded = 300 << 10 // bytes

// smallText is a text that fits whatever its characters are.
const smallText = 16 << 10 // bytes

// fit returns an update that can be stored. It cuts the end of a text that is longer than a turn
// takes, or that needs more room when it is encoded.
func fit(u channel.Update) channel.Update {
	if u.Message != nil {
		m := *u.Message
		m.Text = fitText(m.Text)
		u.Message = &m
	}
	if u.Correction != nil {
		c := *u.Correction
		c.Text = fitText(c.Text)
		u.Correction = &c
	}
	return u
}

func fitText(s string) string {
	for s = clip.Text(s, turn.MaxText); len(s) > smallText && encoded(s) > maxEncoded; {
		s = clip.Text(s, len(s)/2)
	}
	return s
}

func encoded(s string) int {
	b, err := json.Marshal(s)
	if err != nil {
		return 0 // texts always encode
	}
	return len(b)
}
