package gateway

import (
	"net/http"
	"sync"
	"time"

	"github.com/quintet-agents/quintet/shared/local/sam"
)

// bucketOf returns the bucket of a method, or nil if the method has no limit.
func bucketOf(a *sam.API, path, method string) *bucket {
	rate, burst, ok := a.Throttle(path, method)
	if !ok {
		return nil
	}
	return &bucket{rate: rate, burst: burst, tokens: burst}
}

// bucket is a token bucket: a request takes a token, rate tokens are added per second, and
// the bucket has at most burst tokens.
type bucket struct {
	rate, burst float64

	mu     sync.Mutex
	tokens float64
	at     time.Time // time of the last update of tokens
}

// take takes a token and reports whether there was one.
func (b *bucket) take(now time.Time) bool {
	if b == nil {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if since := now.Sub(b.at); !b.at.IsZero() && since > 0 {
		b.tokens = min(b.burst, b.tokens+since.Seconds()*b.rate)
	}
	b.at = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

var problemThrottled = problem{"THROTTLED", http.StatusTooManyRequests, "Too Many Requests"}
