package automation

import (
	"fmt"
	"time"

	"github.com/quintet-agents/quintet/shared/automation/cron"
)

// NextDue returns the first instant after a time at which a trigger starts a run, in UTC. The
// interval of every_minutes counts from that time, by real time: a change of clocks does not move
// it. The result is zero for a trigger that is no schedule.
func NextDue(t Trigger, after time.Time) (time.Time, error) {
	switch {
	case t.Type != Schedule:
		return time.Time{}, nil
	case t.EveryMinutes > 0:
		return after.Add(t.interval()).UTC(), nil
	}
	e, err := cron.Parse(t.Cron)
	if err != nil {
		return time.Time{}, fmt.Errorf("cron expression %q: %w", t.Cron, err)
	}
	zone, err := cron.Zone(t.Timezone)
	if err != nil {
		return time.Time{}, err
	}
	return e.Next(after.In(zone)).UTC(), nil
}

func (t Trigger) interval() time.Duration { return time.Duration(t.EveryMinutes) * time.Minute }

// makeUp is the time for which the runs of missed instants are made up. A sweep that was lost, or
// that failed once or twice, so skips no minute of a schedule. After a longer outage a schedule
// starts one run for all that it missed.
const makeUp = 5 * time.Minute

// dueAfter returns the due time that follows another one, which was found to be over at a time.
func (t Trigger) dueAfter(due, at time.Time) (time.Time, error) {
	next, err := NextDue(t, due)
	if err != nil || !next.Before(at.Add(-makeUp)) {
		return next, err
	}
	if t.EveryMinutes > 0 {
		return due.Add(at.Sub(due).Truncate(t.interval()) + t.interval()).UTC(), nil
	}
	return NextDue(t, at)
}
