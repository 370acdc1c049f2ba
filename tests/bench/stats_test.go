package main

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestQuantile(t *testing.T) {
	s := sample{4, 1, 3, 2}
	for q, want := range map[float64]float64{0: 1, 0.25: 1, 0.5: 2, 0.51: 3, 0.99: 4, 1: 4} {
		if got := s.quantile(q); got != want {
			t.Errorf("quantile %v: got %v, want %v", q, got, want)
		}
	}
	if s[0] != 4 {
		t.Error("got a sample sorted in place, want it unchanged")
	}
	if got := s.String(); got != "2.00 (1.00..4.00)" {
		t.Errorf("got %q, want %q", got, "2.00 (1.00..4.00)")
	}
	if !math.IsNaN(sample(nil).median()) {
		t.Error("got a number as the median of an empty sample, want NaN")
	}
}

func TestSlope(t *testing.T) {
	if got := slope(sample{0, 5, 10}, sample{3, 13, 23}); got != 2 {
		t.Errorf("got slope %v, want 2", got)
	}
}

func TestReadEvents(t *testing.T) {
	var a arrivals
	stream := "event: meta\ndata: {}\n\nevent: token\ndata: 1\n\n: keep-alive\n\nevent: token\ndata: 2\n\nevent: done\ndata: {}\n\n"
	if err := readEvents(strings.NewReader(stream), &a); err != nil || len(a.at) != 2 || a.shared != 1 {
		t.Errorf("got %d tokens, %d shared, %v, want 2, 1, no error", len(a.at), a.shared, err)
	}
	if err := readEvents(strings.NewReader("event: error\ndata: no\n\n"), &a); err == nil {
		t.Error("got no error for an error event, want one")
	}
}

// An answer with missing tokens counts as short, not as fast.
func TestShortAnswers(t *testing.T) {
	var f figures
	now := time.Now()
	f.add([]arrivals{{journal: &journal{}, at: []time.Time{now}, began: now}})
	if f.short != 1 || len(f.first) != 0 {
		t.Errorf("got %+v, want one short answer and no times", f)
	}
}
