package delivery

import (
	"context"
	"log/slog"
	"time"
)

// logFailure logs a failed attempt. It does not log the URL or the answer, because both may
// contain a customer's secrets. A zero next means that no attempt follows.
func (d *Delivery) logFailure(ctx context.Context, r Result, next time.Time) {
	attributes := []any{"org_id", d.OrgID, "webhook", d.Target, "delivery_id", d.ID, "attempt", d.Made}
	if r.Status != 0 {
		attributes = append(attributes, "status", r.Status)
	} else {
		attributes = append(attributes, "failure", string(r.Failure))
	}
	if next.IsZero() {
		slog.WarnContext(ctx, "delivery failed; no attempt follows", attributes...)
		return
	}
	slog.WarnContext(ctx, "delivery attempt failed", append(attributes, "next_attempt", next.UTC().Format(time.RFC3339))...)
}
