package inbox_test

import (
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/turn"
	"github.com/quintet-agents/quintet/tests/mortal"
)

// A text of any length and of characters that need much room is stored, and answered for as
// much of it as a turn takes.
func TestMessage_Long(t *testing.T) {
	h := openHall(t)
	for name, c := range map[string]struct {
		text string
		kept int
	}{
		"plain":   {strings.Repeat("a", 1<<20), turn.MaxText},
		"markup":  {strings.Repeat("<", turn.MaxText), 32 << 10},
		"control": {strings.Repeat("\x01", turn.MaxText), 32 << 10},
		"wide":    {strings.Repeat("語", 200_000), turn.MaxText - 2},
	} {
		t.Run(name, func(t *testing.T) {
			w := h.world(t)
			w.provider.limit = 1 << 20
			w.receive(t, w.message("m1", "316", c.text))
			w.settle(t, w.process(mortal.Immortal()))
			o := w.read(t)
			if len(o.turns) != 1 || len(o.turns[0].User) < c.kept || !strings.HasPrefix(c.text, o.turns[0].User) {
				t.Fatalf("got %d turns, want one with at least %d bytes of the text", len(o.turns), c.kept)
			}
			w.checkSends(t, o)
		})
	}
}
