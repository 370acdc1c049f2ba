package inbox

import (
	"context"
	"slices"
	"time"
)

// How many answers the agent writes to a thread within an hour, while no person of the business
// takes part. Over mail machines answer often, and people seldom; elsewhere a person may write
// each half a minute.
const (
	maxPerHour        = 10 // of mail
	maxPerHourInChats = 120
)

// paceWait returns how long the agent must wait before it answers a thread again, so that any hour
// has a limited number of its answers. The times are those of its answers since a person of
// the business last wrote to the thread, in any order. A machine at the other end that is not
// recognized as one is stopped by this alone.
func paceWait(answers []time.Time, now time.Time, limit int) time.Duration {
	if limit <= 0 {
		return time.Hour
	}
	recent := slices.DeleteFunc(slices.Clone(answers), func(at time.Time) bool { return !at.After(now.Add(-time.Hour)) })
	if len(recent) < limit {
		return 0
	}
	slices.SortFunc(recent, time.Time.Compare)
	return recent[len(recent)-limit].Add(time.Hour).Sub(now)
}

// paced returns how long the agent must wait before it answers a chat.
func (w *Worker) paced(ctx context.Context, chat Chat) (time.Duration, error) {
	limit := maxPerHourInChats
	if chat.Mail != nil {
		limit = maxPerHour
	}
	latest, err := w.Store.LatestReplies(ctx, chat, limit)
	if err != nil {
		return 0, err
	}
	var answers []time.Time
	for _, r := range latest {
		if r.Human {
			break
		}
		answers = append(answers, r.CreatedAt)
	}
	return paceWait(answers, w.Now(), limit), nil
}
