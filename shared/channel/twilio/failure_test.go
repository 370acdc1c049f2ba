package twilio

import (
	"testing"

	"github.com/quintet-agents/quintet/shared/channel"
)

// A code has one kind, or a map's order would decide.
func TestKinds_Distinct(t *testing.T) {
	seen := map[int]channel.Kind{}
	for kind, codes := range kinds {
		for _, code := range codes {
			if other, ok := seen[code]; ok {
				t.Errorf("code %d: got %s and %s, want one kind", code, other, kind)
			}
			seen[code] = kind
		}
	}
	for code := range texts {
		if _, ok := seen[code]; !ok {
			t.Errorf("code %d: got a text and no kind", code)
		}
	}
}
