package dynamo

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Messages wait in the order of the provider's times, as far as these can be true, and then in
// the order of arrival.
func TestFiledAt(t *testing.T) {
	arrived := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	type message struct{ at, arrived time.Time }
	draw := func(t *rapid.T) message {
		m := message{arrived: arrived.Add(time.Duration(rapid.IntRange(0, 5000).Draw(t, "arrived")) * time.Millisecond)}
		if rapid.Bool().Draw(t, "has a time") {
			m.at = arrived.Add(time.Duration(rapid.IntRange(-5000, 10_000).Draw(t, "at")) * time.Millisecond)
		}
		return m
	}
	believed := func(m message) time.Time {
		if m.at.IsZero() || m.at.After(m.arrived) {
			return m.arrived
		}
		return m.at
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := draw(t), draw(t)
		order := believed(a).Compare(believed(b))
		if order == 0 {
			order = a.arrived.Compare(b.arrived)
		}
		x, y := filedAt(a.at, a.arrived, "1"), filedAt(b.at, b.arrived, "2")
		if order < 0 && x >= y || order > 0 && x <= y || x == y {
			t.Errorf("got %s and %s, want the order %d", x, y, order)
		}
	})
}
