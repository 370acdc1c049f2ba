package inbox_test

import (
	"slices"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/tests/mortal"
)

// A correction that overtakes its message waits for it, and so does one that arrives before the
// message is filed. An earlier correction does not replace a later one.
func TestCorrection_Overtakes(t *testing.T) {
	h := openHall(t)
	for name, batches := range map[string][]string{
		"first": {"c1", "m1"}, "batch": {"m1 c1"}, "reversed": {"m1 c2", "c1"}, "answered": {"m1", "c2", "c1"},
	} {
		t.Run(name, func(t *testing.T) {
			w := h.world(t)
			correct := func(id, text string, at time.Duration) channel.Update {
				return channel.Update{Correction: &channel.Correction{ID: id, MessageID: "m1", Text: text, At: w.now().Add(at)}}
			}
			updates := map[string][]channel.Update{
				"m1": {w.message("m1", "316", "helo")}, "c1": {correct("c1", "hello", time.Second)}, "c2": {correct("c2", "hello", 2*time.Second)},
			}
			if name != "first" && name != "batch" {
				updates["c1"][0].Correction.Text = "hallo"
			}
			updates["m1 c1"], updates["m1 c2"] = slices.Concat(updates["c1"], updates["m1"]), slices.Concat(updates["c2"], updates["m1"])
			for _, batch := range batches {
				w.receive(t, updates[batch]...)
				if batch == "c1" { // only the worker's next look may find the message
					if m, ok := w.next(w.now()); ok {
						w.take(t, w.process(mortal.Immortal()), m)
					}
					continue
				}
				w.settle(t, w.process(mortal.Immortal()))
			}
			w.settle(t, w.process(mortal.Immortal()))
			w.check(t, []string{"hello"})
		})
	}
}
