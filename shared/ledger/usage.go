package ledger

import (
	"math"
	"time"
)

// Usage is what settled turns used.
type Usage struct {
	Turns  int
	Input  int // tokens
	Output int // tokens
	Charge Credits
}

// Plus returns the sum of both. A sum that overflows is the largest or the smallest
// int64: see Saturated.
func (u Usage) Plus(v Usage) Usage {
	return Usage{
		Turns: saturate(u.Turns, v.Turns), Input: saturate(u.Input, v.Input), Output: saturate(u.Output, v.Output),
		Charge: saturate(u.Charge, v.Charge),
	}
}

// Saturated reports whether any of the figures has overflowed.
func (u Usage) Saturated() bool {
	for _, n := range []int64{int64(u.Turns), int64(u.Input), int64(u.Output), int64(u.Charge)} {
		if n == math.MaxInt64 || n == math.MinInt64 {
			return true
		}
	}
	return false
}

func saturate[T int | Credits](a, b T) T {
	switch sum := a + b; {
	case a > 0 && b > 0 && sum < 0:
		return math.MaxInt64
	case a < 0 && b < 0 && sum >= 0:
		return math.MinInt64
	default:
		return sum
	}
}

// UsageOf is what usage is counted by.
type UsageOf struct {
	Day     string // of settlement, in UTC: 2026-11-24
	AgentID string
	KeyID   string // the key's, or the user's whose session it was
	Channel string
	Model   string
}

// UsageRow is the usage of one day, agent, key, channel and model.
type UsageRow struct {
	UsageOf
	Usage
}

// Day returns the day that a time lies in, as UsageOf names it.
func Day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
