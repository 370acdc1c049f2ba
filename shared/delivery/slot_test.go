package delivery

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReceiverOf(t *testing.T) {
	for raw, want := range map[string]string{
		"https://example.com/hook":                  "example.com:443",
		"https://EXAMPLE.com./other?x=1":            "example.com:443",
		"HTTPS://Example.Com:443":                   "example.com:443",
		"https://example.com:0443/":                 "example.com:443",
		"https://example.com:/":                     "example.com:443",
		"http://example.com":                        "example.com:80",
		"http://example.com:443":                    "example.com:443",
		"https://xn--BCHER-kva.example/":            "xn--bcher-kva.example:443",
		"http://127.0.0.1:8080":                     "127.0.0.1:8080",
		"http://127.0.0.1.:8080":                    "127.0.0.1:8080",
		"http://[2001:DB8:0:0::1]":                  "[2001:db8::1]:80",
		"http://[2001:db8::1]:80/":                  "[2001:db8::1]:80",
		"http://[::ffff:192.0.2.1]:8080":            "192.0.2.1:8080",
		"http://a b/":                               "http://a b/",
		"https://other.example.com/?at=example.com": "other.example.com:443",
	} {
		if got := receiverOf(raw); got != want {
			t.Errorf("%s: got %s, want %s", raw, got, want)
		}
	}
}

// A receiver has ten slots of its org, always the same ones, and others have
// most of theirs elsewhere.
func TestPlaceSlots(t *testing.T) {
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
