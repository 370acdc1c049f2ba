package delivery

import (
	"context"
	"log/slog"
	"time"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/work"
)

// MaxReplayed is the largest number of deliveries that one call replays.
const MaxReplayed = 100

// Range selects the deliveries of a target that were created in a half-open time range.
type Range struct {
	OrgID, Target string
	From, To      time.Time
}

// Replayed is the result of replaying a range.
type Replayed struct {
	Refs []Ref
	Rest time.Time // start of the rest of the range; zero: nothing is left
}

// The errors of deliveries that cannot be replayed.
var (
	ErrNoDelivery = fault.New(fault.NotFound, "Delivery not found")
	ErrDisabled   = fault.New(fault.Conflict, "The webhook is disabled")
	ErrUnderWay   = &fault.Error{Code: fault.Conflict, Message: "The delivery is being sent at this moment", RetryAfter: leaseTime}
)

// Wake sends deliveries to workers. If a message is lost, the sweep sends another one.
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
