package ledger_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/ledger"
)

func TestUsage_Plus(t *testing.T) {
	most := ledger.Usage{Turns: math.MaxInt, Input: math.MaxInt, Output: math.MaxInt, Charge: math.MaxInt64}
	least := ledger.Usage{Turns: math.MinInt, Input: math.MinInt, Output: math.MinInt, Charge: math.MinInt64}
	one, less := ledger.Usage{Turns: 1, Input: 2, Output: 3, Charge: 4}, ledger.Usage{Turns: -1, Input: -2, Output: -3, Charge: -4}
	for name, c := range map[string]struct {
		a, b, want ledger.Usage
		saturated  bool
	}{
		"usual":           {one, one, ledger.Usage{Turns: 2, Input: 4, Output: 6, Charge: 8}, false},
		"of both signs":   {one, less, ledger.Usage{}, false},
		"beyond the most": {most, one, most, true},
		"twice the most":  {most, most, most, true},
		"below the least": {least, less, least, true},
		"twice the least": {least, least, least, true},
		"most and least":  {most, least, ledger.Usage{Turns: -1, Input: -1, Output: -1, Charge: -1}, false},
	} {
		t.Run(name, func(t *testing.T) {
			for _, got := range []ledger.Usage{c.a.Plus(c.b), c.b.Plus(c.a)} {
				if d := cmp.Diff(c.want, got); d != "" || got.Saturated() != c.saturated {
					t.Errorf("saturated %t, want %t (-want +got):\n%s", got.Saturated(), c.saturated, d)
				}
			}
		})
	}
}
