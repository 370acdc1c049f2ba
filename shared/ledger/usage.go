package ledger

import (
	"math"
	"time"
)

// Usage is the usage of settled turns.
type Usage struct {
	Turns  int
	Input  int // tokens
	Output int // tokens
	Charge Credits
}

// Plus returns the sum. On overflow a number is the largest or smallest int64; see
// Saturated.
func (u Usage) Plus(v Usage) Usage {
	return Usage{
		Turns: saturate(u.Turns, v.Turns), Input: saturate(u.Input, v.Input), Output: saturate(u.Output, v.Output),
		Charge: saturate(u.Charge, v.Charge),
	}
}

// Saturated reports whether a number has overflowed.
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

// UsageOf is the key by which usage is counted.
type UsageOf struct {
	Day     string // day of settlement in UTC: 2026-11-24
	AgentID string
	KeyID   string // id of the key, or of the session's user
	Channel string
	Model   string
}

// UsageRow is the usage of one day, agent, key, channel and model.
type UsageRow struct {
	UsageOf
	Usage
}

// Day returns the UTC day of a time in UsageOf's form.
func Day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
