package local

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestBucket(t *testing.T) {
	b := &bucket{rate: 2, burst: 3, tokens: 3}
	at := time.Unix(1_000_000, 0)
	ask := func(wait time.Duration, times int) (taken int) {
		at = at.Add(wait)
		for range times {
			if b.take(at) {
				taken++
			}
		}
		return taken
	}
	var got []int
	for _, step := range []struct {
		wait  time.Duration
		times int
	}{{0, 5}, {400 * time.Millisecond, 1}, {100 * time.Millisecond, 2}, {time.Second, 5}, {time.Hour, 5}, {-time.Hour, 1}} {
		got = append(got, ask(step.wait, step.times))
	}
	if d := cmp.Diff([]int{3, 0, 1, 2, 3, 0}, got); d != "" {
		t.Errorf("requests let through (-want +got):\n%s", d)
	}
	var unlimited *bucket
	if !unlimited.take(at) {
		t.Error("a method without a limit refuses")
	}
}

func TestMethodSettings(t *testing.T) {
	number := func(n float64) *float64 { return &n }
	a := &api{Methods: []methodSetting{
		{Path: "/~1things~1{id}", Method: "post", Rate: number(1), Burst: number(2)},
		{Path: "/~1things~1{id}", Method: "PUT", Burst: number(3)},
		{Path: "/", Method: "GET", Burst: number(4)},
		{Path: "/*", Method: "*", Rate: number(10), Burst: number(20)},
	}}
	for route, want := range map[[2]string][2]float64{
		{"/things/{id}", "POST"}: {1, 2},
		{"/things/{id}", "PUT"}:  {10, 3},
		{"/things/{id}", "GET"}:  {10, 20},
		{"/things", "POST"}:      {10, 20},
		{"/", "GET"}:             {10, 4},
	} {
		b := a.bucket(route[0], route[1])
		if got := [2]float64{b.rate, b.burst}; got != want {
			t.Errorf("%v: got rate and burst %v, want %v", route, got, want)
		}
	}
	if b := (&api{}).bucket("/", "GET"); b != nil {
		t.Errorf("without settings there is a limit of %v", b.rate)
	}
}
