package frame

import (
	"strings"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/api/wire/param"
)

func TestCursors(t *testing.T) {
	c := Cursor{ID: "0190d3c0-7a5e-7cc3-98c4-dc0c0c07398f", At: time.Date(2026, time.March, 1, 12, 0, 0, 123_000_000, time.UTC)}
	got, ok := parseCursor(c.String(), param.IsID)
	if !ok || got.ID != c.ID || !got.At.Equal(c.At) {
		t.Errorf("got %+v, %t; want %+v, true", got, ok, c)
	}
	for _, bad := range []string{"", "x", c.String() + "A", c.String()[1:], "MjAyNg", strings.Repeat("A", 1000)} {
		if got, ok := parseCursor(bad, param.IsID); ok {
			t.Errorf("%q: got %+v, want it refused", bad, got)
		}
	}
}
