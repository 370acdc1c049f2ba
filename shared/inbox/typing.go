package inbox

import (
	"context"
	"log/slog"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/connection"
)

// typingPause is how long a channel shows that an answer is being written.
const typingPause = 20 * time.Second

// typing shows the author of the latest message that an answer is being written, until stop is
// called. A failure ends only the display.
func (w *Worker) typing(ctx context.Context, c connection.Connection, taken []Pending) (stop func()) {
	var latest *channel.Inbound
	for _, p := range taken {
		if p.Message.Handling == channel.Answer {
			latest = &p.Message
		}
	}
	if latest == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			a, err := w.Accounts.Open(ctx, c)
			if err == nil {
				err = w.Providers(c.Channel).Typing(ctx, a, *latest)
			}
			if ctx.Err() != nil {
				return // stopped: the answer is written
			}
			if err != nil {
				slog.InfoContext(ctx, "typing not shown", "org_id", c.OrgID, "connection_id", c.ID, "error", err)
				return
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(typingPause):
			}
		}
	}()
	return func() {
		cancel()
		<-ended
	}
}
