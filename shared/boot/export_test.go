package boot

import (
	"net/http"
	"time"
)

// Patience is what StreamedWith takes instead of what functions have.
type Patience struct {
	Bytes               int
	Wait, Drain, Margin time.Duration
	Stuck               func()
}

// StreamedWith is Streamed with another patience.
func StreamedWith(h http.Handler, p Patience) StreamedFunc {
	return streamed(h, patience{bytes: p.Bytes, wait: p.Wait, drain: p.Drain, margin: p.Margin, stuck: p.Stuck})
}

// StuckGrace is how much longer than Drain the platform may take.
const StuckGrace = stuckGrace

// StoreTime shortens what a call of the store may take, until it is restored.
func StoreTime(d time.Duration) (restore func()) {
	old := storeTime
	storeTime = d
	return func() { storeTime = old }
}
