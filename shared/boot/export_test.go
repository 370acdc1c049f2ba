package boot

import (
	"net/http"
	"time"
)

// Patience has the values that StreamedWith uses instead of the functions' own.
type Patience struct {
	Bytes               int
	Wait, Drain, Margin time.Duration
	Stuck               func()
}

// StreamedWith is Streamed with another patience.
func StreamedWith(h http.Handler, p Patience) StreamedFunc {
	return streamed(h, patience{bytes: p.Bytes, wait: p.Wait, drain: p.Drain, margin: p.Margin, stuck: p.Stuck})
}

// StuckGrace is the time after Drain that the platform has.
const StuckGrace = stuckGrace

// StoreTime sets the bound of a store call's attempt; restore resets it.
func StoreTime(d time.Duration) (restore func()) {
	old := storeTime
	storeTime = d
	return func() { storeTime = old }
}
