package ledger

import (
	"context"
	"log/slog"
	"maps"
	"time"

	"golang.org/x/sync/errgroup"
)

// Books is the store of a rollup.
type Books interface {
	// OrgsAfter returns up to limit ids of orgs after the given one, in order.
	OrgsAfter(ctx context.Context, after string, limit int) ([]string, error)
	// EachEntry calls f with every ledger entry of an org in the half-open time
	// range.
	EachEntry(ctx context.Context, orgID string, from, to time.Time, f func(Entry)) error
	// Usage returns an org's usage by day; both ends of the range are included.
	Usage(ctx context.Context, orgID, from, to string) ([]UsageRow, error)
	// RepairUsage replaces a count by the right one; the error is a Conflict if
	// the count has changed since it was read.
	RepairUsage(ctx context.Context, orgID string, of UsageOf, was, should Usage) error
	// Rollup returns the progress of a day's rollup.
	Rollup(ctx context.Context, day string) (RollupState, error)
	// SaveRollup stores the progress of a day's rollup.
	SaveRollup(ctx context.Context, day string, s RollupState) error
}

// RollupState is the progress of a day's rollup.
type RollupState struct {
	After    string // the last finished org
	Done     bool   // all orgs are finished
	Orgs     int
	Repaired int
}

const (
	rollupPage   = 64               // orgs between two saves of the state
	rollupAtOnce = 8                // orgs handled concurrently
	rollupMargin = 20 * time.Second // reserved for finishing the current page before the deadline
)

// Rollup returns the job that recomputes yesterday's usage from the ledger, org by org,
// and repairs and logs wrong counts. A run near its deadline saves its progress, and the
// next run continues from there. After the last org, runs do nothing.
func Rollup(books Books) func(ctx context.Context, at time.Time) error {
	return func(ctx context.Context, at time.Time) error {
		day := Day(at.Add(-24 * time.Hour))
		state, err := books.Rollup(ctx, day)
		if err != nil {
			return err
		}
		for !state.Done && timeLeft(ctx) {
			if state, err = rollPage(ctx, books, day, state); err != nil {
				return err
			}
			if err := books.SaveRollup(ctx, day, state); err != nil {
				return err
			}
		}
		slog.InfoContext(ctx, "usage rollup", "day", day, "orgs", state.Orgs, "repaired", state.Repaired, "done", state.Done)
		return nil
	}
}

func timeLeft(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return !ok || time.Until(deadline) > rollupMargin
}

// rollPage handles the next orgs. If one fails, the progress is not saved and the page
// is repeated, which is harmless: repaired counts are right already.
func rollPage(ctx context.Context, books Books, day string, state RollupState) (RollupState, error) {
	orgs, err := books.OrgsAfter(ctx, state.After, rollupPage)
	if err != nil || len(orgs) == 0 {
		state.Done = err == nil
		return state, err
	}
	repaired := make([]int, len(orgs))
	var wave errgroup.Group
	wave.SetLimit(rollupAtOnce)
	for i, org := range orgs {
		wave.Go(func() (err error) { repaired[i], err = rollOrg(ctx, books, org, day); return err })
	}
	err = wave.Wait()
	for _, n := range repaired {
		state.Repaired += n
	}
	state.After, state.Orgs = orgs[len(orgs)-1], state.Orgs+len(orgs)
	return state, err
}

// rollOrg compares an org's counts of a day with its ledger and returns the number of
// repaired counts.
func rollOrg(ctx context.Context, books Books, orgID, day string) (repaired int, err error) {
	from, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return 0, err
	}
	should := map[UsageOf]Usage{}
	err = books.EachEntry(ctx, orgID, from, from.AddDate(0, 0, 1), func(e Entry) {
		if e.Kind == Charge {
			of := UsageOf{Day: day, AgentID: e.AgentID, KeyID: e.KeyID, Channel: e.Channel, Model: e.Model}
			should[of] = should[of].Plus(Usage{Turns: 1, Input: e.Input, Output: e.Output, Charge: -e.Amount})
		}
	})
	if err != nil {
		return 0, err
	}
	rows, err := books.Usage(ctx, orgID, day, day)
	if err != nil {
		return 0, err
	}
	was := map[UsageOf]Usage{}
	for _, r := range rows {
		was[r.UsageOf] = r.Usage
	}
	all := maps.Clone(should)
	maps.Copy(all, was)
	for of := range all {
		if was[of] == should[of] {
			continue
		}
		if err := books.RepairUsage(ctx, orgID, of, was[of], should[of]); err != nil {
			return repaired, err
		}
		repaired++
		slog.WarnContext(ctx, "usage repaired", "org_id", orgID, "day", day, "agent_id", of.AgentID, "was", was[of], "should", should[of])
	}
	return repaired, nil
}
