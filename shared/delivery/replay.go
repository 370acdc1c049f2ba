package delivery

import (
	"context"
	"log/slog"
	"time"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/work"
)

// MaxReplayed is how many deliveries of a range are made again at once.
const MaxReplayed = 100

// Range is what was made for a target from one time on and before another.
type Range struct {
	OrgID, Target string
	From, To      time.Time
}

// Replayed is what of a range is made again.
type Replayed struct {
	Refs []Ref
	Rest time.Time // where the rest of the range begins; zero: that was all
}

// What cannot be sent, or sent again.
var (
	ErrNoDelivery = fault.New(fault.NotFound, "Delivery not found")
	ErrDisabled   = fault.New(fault.Conflict, "The webhook is disabled")
	ErrUnderWay   = &fault.Error{Code: fault.Conflict, Message: "The delivery is being sent at this moment", RetryAfter: leaseTime}
)

// Wake sends deliveries to workers. What is not heard the sweeper finds.
func Wake(ctx context.Context, workers work.Queue, all ...Ref) {
	messages := make([]work.Message, 0, len(all))
	for _, r := range all {
		messages = append(messages, work.Message{Body: r})
	}
	if len(messages) == 0 {
		return
	}
	if err := workers.Send(ctx, messages...); err != nil {
		slog.WarnContext(ctx, "deliveries wait for the sweeper", "org_id", all[0].OrgID, "target", all[0].Target, "error", err)
	}
}
