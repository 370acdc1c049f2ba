package delivery

import (
	"bytes"
	"log/slog"
	"testing"
	"time"
)

func TestDelivery_LogFailure(t *testing.T) {
	d := &Delivery{Ref: Ref{OrgID: "org-1", Target: "hook-1", ID: "delivery-1"}, Made: 2, URL: "https://user:secret@example.com"}
	for name, tc := range map[string]struct {
		result Result
		next   time.Time
		want   string
	}{
		"a status": {
			Result{Status: 503, Answer: "secret"},
			time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
			`level=WARN msg="delivery attempt failed" org_id=org-1 webhook=hook-1 delivery_id=delivery-1 attempt=2 status=503 next_attempt=2026-01-02T03:04:05Z` + "\n",
		},
		"no answer, the last attempt": {
			Result{Failure: Refused},
			time.Time{},
			`level=WARN msg="delivery failed; no attempt follows" org_id=org-1 webhook=hook-1 delivery_id=delivery-1 attempt=2 failure="connection refused"` + "\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			was := slog.Default()
			defer slog.SetDefault(was)
			slog.SetDefault(slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
				if a.Key == slog.TimeKey {
					return slog.Attr{}
				}
				return a
			}})))
			d.logFailure(t.Context(), tc.result, tc.next)
			if got := b.String(); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}
