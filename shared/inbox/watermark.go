package inbox

import (
	"context"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
)

const (
	maxWatermark  = 20              // the latest replies that a watermark may concern
	watermarkSlip = 2 * time.Second // how much earlier the provider's time of a message may be than ours
)

// fileWatermark applies a status that concerns all that was sent to a person up to a time.
func (w *Worker) fileWatermark(ctx context.Context, r Received, s channel.Status) error {
	return w.Store.File(ctx, r, Names{Aliases: Aliases(s.Person)}, func(f Found) (Filing, error) {
		if f.Chat == nil {
			return Filing{}, nil // nobody who has written
		}
		return Filing{}, w.settleUpTo(ctx, *f.Chat, s) // a repetition changes nothing
	})
}

func (w *Worker) settleUpTo(ctx context.Context, chat Chat, s channel.Status) error {
	latest, err := w.Store.LatestReplies(ctx, chat, maxWatermark)
	if err != nil {
		return err
	}
	upTo := s.UpTo
	s.UpTo = time.Time{}
	for _, r := range latest {
		for n, p := range r.Parts {
			if !s.State.After(p.State) || !r.reached(p, upTo) {
				continue
			}
			s.Ref = PartRef{ChatID: r.ChatID, ReplyID: r.ID, Part: n}.String()
			if _, err := w.Store.SettleStatus(ctx, chat.Ref, s); err != nil {
				return err
			}
		}
	}
	return nil
}

// reached reports whether the provider accepted a part before a time. The time of a part that
// is on the device is that of its delivery.
func (r Reply) reached(p Part, upTo time.Time) bool {
	switch p.State {
	case channel.Sent:
		return !p.At.Add(-watermarkSlip).After(upTo)
	case channel.Delivered, channel.Read:
		return !r.CreatedAt.After(upTo)
	}
	return false
}
