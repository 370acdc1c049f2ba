package delivery_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/quintet-agents/quintet/shared/delivery"
)

func TestWait(t *testing.T) {
	for made, want := range []time.Duration{
		0, 5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 10 * time.Hour,
	} {
		if got, again := delivery.Wait(made, 0, 0.5); got != want || !again {
			t.Errorf("after %d attempts: got %s, %t; want %s, true", made, got, again, want)
		}
	}
	if _, again := delivery.Wait(delivery.MaxAttempts, 0, 0.5); again {
		t.Error("got another wait after the last attempt, want none")
	}
}

// A wait is that of the ladder with jitter, and never shorter than the receiver's
// Retry-After, up to a maximum.
func TestWait_WithinBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		made := rapid.IntRange(0, delivery.MaxAttempts-1).Draw(t, "made")
		asked := time.Duration(rapid.Int64Range(0, int64(48*time.Hour)).Draw(t, "asked"))
		rung, _ := delivery.Wait(made, 0, 0.5)
		got, _ := delivery.Wait(made, asked, rapid.Float64Range(0, 1).Draw(t, "chance"))
		low, high := rung*9/10, rung*11/10
		switch {
		case got < low:
			t.Fatalf("got %s, want at least %s for %s", got, low, rung)
		case got > high && got != min(asked, 24*time.Hour):
			t.Fatalf("got %s, want at most %s for %s, asked for %s", got, high, rung, asked)
		case got < min(asked, 24*time.Hour):
			t.Fatalf("got %s, want at least %s as asked", got, min(asked, 24*time.Hour))
		}
	})
}
