package ledger

import (
	"context"
	"log/slog"
	"maps"
	"time"

	"golang.org/x/sync/errgroup"
)

// Books is what a rollup reads and repairs.
type Books interface {
	// OrgsAfter returns up to limit ids of orgs after the given one, in order.
	OrgsAfter(ctx context.Context, after string, limit int) ([]string, error)
	// EachEntry calls f with every entry of an org's ledger from a time up to
	// but not including another.
	EachEntry(ctx context.Context, orgID string, from, to time.Time, f func(Entry)) error
	// Usage returns an org's usage of the days from and to and those between.
	Usage(ctx context.Context, orgID, from, to string) ([]UsageRow, error)
	// RepairUsage sets what was counted to what should be; it is a Conflict if
	// the count is no longer what it was.
	RepairUsage(ctx context.Context, orgID string, of UsageOf, was, should Usage) error
	// Rollup returns how far the rollup of a day has come.
	Rollup(ctx context.Context, day string) (RollupState, error)
	// SaveRollup keeps how far the rollup of a day has come.
	SaveRollup(ctx context.Context, day string, s RollupState) error
}

// RollupState is how far a day's rollup has come.
type RollupState struct {
	After    string // the last org that is done
	Done     bool   // all are
	Orgs     int
	Repaired int
}

const (
	rollupPage   = 64               // orgs between two saves of the state
	rollupAtOnce = 8                // orgs side by side
	rollupMargin = 20 * time.Second // left of the function's time for a page that is under way
)

// Rollup returns the job that works out the usage of the day before from the
// ledger, org by org, and repairs and reports what was counted otherwise. A run
// that meets the end of its time saves how far it came, and the next goes on
// from there; runs after the last org find nothing to do.
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

// rollPage works on the next orgs. If one fails, the page is not saved, so that
// it is done again: what was repaired is in order by then.
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

// rollOrg compares an org's counts of a day with its ledger and returns how
// many it has repaired.
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
