package ledger

import "time"

// Usage is what settled turns used.
type Usage struct {
	Turns  int
	Input  int // tokens
	Output int // tokens
	Charge Credits
}

// Plus returns the sum of both.
func (u Usage) Plus(v Usage) Usage {
	return Usage{Turns: u.Turns + v.Turns, Input: u.Input + v.Input, Output: u.Output + v.Output, Charge: u.Charge + v.Charge}
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
