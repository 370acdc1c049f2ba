package inbox

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestPace(t *testing.T) {
	at := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	minutes := func(ago ...int) []time.Time {
		var all []time.Time
		for _, m := range ago {
			all = append(all, at.Add(-time.Duration(m)*time.Minute))
		}
		return all
	}
	for name, c := range map[string]struct {
		answers []time.Time
		most    int
		want    time.Duration
	}{
		"none":                     {nil, 2, 0},
		"fewer":                    {minutes(1), 2, 0},
		"as many":                  {minutes(10, 50), 2, 10 * time.Minute},
		"more":                     {minutes(10, 20, 50), 2, 40 * time.Minute},
		"one is an hour ago":       {minutes(10, 60), 2, 0},
		"in another order":         {minutes(50, 10), 2, 10 * time.Minute},
		"by a clock that is ahead": {minutes(-5, 10), 2, 50 * time.Minute},
		"none is allowed":          {nil, 0, time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			if got := paceWait(c.answers, at, c.most); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// Answers that obey paceWait are at most maxPerHour within any hour, and go on forever.
func TestWait_Loop(t *testing.T) {
	at := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		var answers []time.Time
		now := at
		for range 60 {
			now = now.Add(time.Duration(rapid.IntRange(0, 900).Draw(t, "seconds")) * time.Second)
			now = now.Add(paceWait(answers, now, maxPerHour))
			if wait := paceWait(answers, now, maxPerHour); wait != 0 {
				t.Fatalf("got another wait of %v after the first", wait)
			}
			answers = append(answers, now)
			if n := len(answers); n > maxPerHour && now.Sub(answers[n-1-maxPerHour]) < time.Hour {
				t.Fatalf("got %d answers within %v", maxPerHour+1, now.Sub(answers[n-1-maxPerHour]))
			}
		}
	})
}
