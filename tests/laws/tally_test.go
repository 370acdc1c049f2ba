package laws_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/ledger"
)

// tally is the expected state of the test's org.
type tally struct {
	available ledger.Credits
	turns     int
	used      ledger.Usage // of turns with known usage
}

// count counts a stored turn. If its usage can only be estimated, the charge is taken from
// the account.
func (l *tally) count(c *conversation, s surface) {
	l.turns++
	if u, known := c.script.usage(s.whole); known {
		own := ledger.Usage{Turns: 1, Input: u.Input, Output: u.Output, Charge: ledger.DefaultPrices.Charge(u)}
		l.used = l.used.Plus(own)
		l.available -= own.Charge
		return
	}
	a, err := c.Store.Account(c.Context(), c.org)
	if err != nil {
		c.Fatal(err)
	}
	if a.Available >= l.available {
		c.Fatalf("%s: got no charge for a turn that failed midway, want one: %s before, %s after", s.name, l.available, a.Available)
	}
	l.available = a.Available
}

// check compares the account, its ledger, the counted usage and the tally: every turn is in
// each of them once, and nothing else is.
func (l *tally) check(t *testing.T, w *world) {
	t.Helper()
	a := w.Account(t, w.org)
	if a.Available != l.available || len(a.Open) > 0 {
		t.Errorf("got %s available and %d open turns, want %s and 0", a.Available, len(a.Open), l.available)
	}
	var all, known ledger.Usage
	var sum ledger.Credits
	day := w.Now().Truncate(24 * time.Hour)
	err := w.Store.EachEntry(t.Context(), w.org, day, day.Add(48*time.Hour), func(e ledger.Entry) {
		sum += e.Amount
		if e.Kind != ledger.Charge {
			return
		}
		u := ledger.Usage{Turns: 1, Input: e.Input, Output: e.Output, Charge: -e.Amount}
		all = all.Plus(u)
		if !e.Estimated {
			known = known.Plus(u)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if all.Turns != l.turns || sum != l.available {
		t.Errorf("got %d turns in the ledger and a sum of %s, want %d and %s", all.Turns, sum, l.turns, l.available)
	}
	if d := cmp.Diff(l.used, known); d != "" {
		t.Errorf("usage in the ledger (-want +got):\n%s", d)
	}
	rows, err := w.Store.Usage(t.Context(), w.org, ledger.Day(day), ledger.Day(day))
	if err != nil {
		t.Fatal(err)
	}
	var counted ledger.Usage
	for _, r := range rows {
		counted = counted.Plus(r.Usage)
	}
	if d := cmp.Diff(all, counted); d != "" {
		t.Errorf("the day's usage (-want +got):\n%s", d)
	}
}
