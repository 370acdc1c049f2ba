package webhook

import (
	"context"
	"net/http"
	"time"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/work"
)

// RangeReplayer replays the deliveries of a time range.
type RangeReplayer interface {
	wire.Keeper
	Reader
	ReplayDeliveries(ctx context.Context, once *idempotency.Change, r delivery.Range, now time.Time) (delivery.Replayed, error)
}

type replayedShape struct {
	Replayed int     `json:"replayed"`
	HasMore  bool    `json:"has_more"`
	NextFrom *string `json:"next_from"` // null when there is no more
}

// RangeReplay answers POST /webhooks/{id}/deliveries/replay: it replays the deliveries of a half-open time
// range, oldest first, at most delivery.MaxReplayed at once.
func RangeReplay(auth wire.Authenticator, deliveries RangeReplayer, workers work.Queue, now func() time.Time) http.Handler {
	return frame.Change(auth, identity.Caller.MayManage, deliveries, func(r *http.Request, caller identity.Caller, once *idempotency.Change) (delivery.Replayed, error) {
		target, err := targetOf(r, deliveries, caller, openWebhookOf)
		if err != nil {
			return delivery.Replayed{}, err
		}
		fields, err := body.Read(r)
		if err != nil {
			return delivery.Replayed{}, err
		}
		times, err := readRange(fields)
		if err != nil {
			return delivery.Replayed{}, err
		}
		times.OrgID, times.Target = caller.OrgID, target
		done, err := deliveries.ReplayDeliveries(r.Context(), once, times, now())
		if err != nil {
			return delivery.Replayed{}, err
		}
		delivery.Wake(r.Context(), workers, done.Refs[:min(1, len(done.Refs))]...) // the others are linked to it
		return done, nil
	}, http.StatusAccepted, shapeOfReplayed)
}

func shapeOfReplayed(done delivery.Replayed) replayedShape {
	s := replayedShape{Replayed: len(done.Refs), HasMore: !done.Rest.IsZero()}
	if s.HasMore {
		s.NextFrom = new(done.Rest.UTC().Format(rangeTime))
	}
	return s
}

const rangeTime = "2006-01-02T15:04:05.000Z07:00"

func readRange(fields body.Object) (r delivery.Range, err error) {
	fields = fields.Allow("from", "to")
	if r.From, err = readTime(fields, "from"); err != nil {
		return r, err
	}
	if r.To, err = readTime(fields, "to"); err != nil {
		return r, err
	}
	if !r.From.Before(r.To) {
		return r, fault.Field("from", "from must be before to")
	}
	return r, nil
}

func readTime(fields body.Object, field string) (time.Time, error) {
	const rule = "must be a time of the years 2000 to 2999 such as 2026-01-31T12:00:00Z"
	text, err := fields.String(field, rule)
	if err != nil {
		return time.Time{}, err
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || !frame.InYears(at) {
		return time.Time{}, fault.Rule(field, rule)
	}
	return at, nil
}
