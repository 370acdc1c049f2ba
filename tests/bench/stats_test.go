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
			t.Errorf("quantile %v is %v, want %v", q, got, want)
		}
	}
	if s[0] != 4 {
		t.Error("the sample was sorted in place")
	}
	if got := s.String(); got != "2.00 (1.00..4.00)" {
		t.Errorf("it reads %q", got)
	}
	if !math.IsNaN(sample(nil).median()) {
		t.Error("the median of nothing is a number")
	}
}

func TestSlope(t *testing.T) {
	if got := slope(sample{0, 5, 10}, sample{3, 13, 23}); got != 2 {
		t.Errorf("the slope is %v, want 2", got)
	}
}

func TestReadEvents(t *testing.T) {
	var a arrivals
	stream := "event: meta\ndata: {}\n\nevent: token\ndata: 1\n\n: keep-alive\n\nevent: token\ndata: 2\n\nevent: done\ndata: {}\n\n"
	if err := readEvents(strings.NewReader(stream), &a); err != nil || len(a.at) != 2 || a.shared != 1 {
		t.Errorf("%d tokens, %d shared, %v", len(a.at), a.shared, err)
	}
	if err := readEvents(strings.NewReader("event: error\ndata: no\n\n"), &a); err == nil {
		t.Error("an error event is no error")
	}
}

// An answer that lacks tokens counts as short, not as fast.
func TestShortAnswers(t *testing.T) {
	var f figures
	now := time.Now()
	f.add([]arrivals{{journal: &journal{}, at: []time.Time{now}, began: now}})
	if f.short != 1 || len(f.first) != 0 {
		t.Errorf("%+v", f)
	}
}
