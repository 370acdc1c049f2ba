package gateway

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestBucket_Take(t *testing.T) {
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
		t.Error("got a request refused without a limit, want it taken")
	}
}
