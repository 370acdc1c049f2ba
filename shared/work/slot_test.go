package work

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A receiver always has the same ten slots of its org, and shares few of them with
// another receiver.
func TestPlace_Slots(t *testing.T) {
	of := func(receiver string) []int { return Place{OrgID: "o", Stage: Attempts, Receiver: receiver}.Slots() }
	one, two := of("one.example:443"), of("two.example:443")
	if d := cmp.Diff(one, of("one.example:443")); d != "" {
		t.Errorf("asked twice (-first +second):\n%s", d)
	}
	for name, slots := range map[string][]int{"one": one, "two": two} {
		sorted := slices.Compact(slices.Sorted(slices.Values(slots)))
		if len(sorted) != ReceiverSlots || sorted[0] < 0 || sorted[len(sorted)-1] >= AttemptSlots {
			t.Errorf("%s: got slots %v, want %d of %d", name, slots, ReceiverSlots, AttemptSlots)
		}
	}
	shared := slices.DeleteFunc(slices.Clone(one), func(n int) bool { return !slices.Contains(two, n) })
	if len(shared) > ReceiverSlots/2 {
		t.Errorf("got %d slots that both have, want few", len(shared))
	}
	if got := len(Place{OrgID: "o", Stage: Runs}.Slots()); got != RunSlots {
		t.Errorf("got %d slots for runs, want %d", got, RunSlots)
	}
}
