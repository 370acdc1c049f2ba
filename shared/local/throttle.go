package local

import (
	"net/http"
	"strings"
	"sync"
	"time"
)

// methodSetting is one entry of an API's MethodSettings: how many requests its
// stage takes. API Gateway counts each method of each path by itself; the entry
// for /* and * is what those have that no other entry names.
type methodSetting struct {
	Path   string   `yaml:"ResourcePath"` // /~1things~1{id}, or /*
	Method string   `yaml:"HttpMethod"`   // or *
	Rate   *float64 `yaml:"ThrottlingRateLimit"`
	Burst  *float64 `yaml:"ThrottlingBurstLimit"`
}

// names reports whether the entry is for exactly this method.
func (s methodSetting) names(path, method string) bool {
	own := strings.ReplaceAll(strings.TrimPrefix(s.Path, "/"), "~1", "/")
	if s.Path == "/" {
		own = "/"
	}
	return own == path && strings.EqualFold(s.Method, method)
}

func (s methodSetting) forAll() bool { return s.Path == "/*" && s.Method == "*" }

// bucket returns what a method may be asked, nil for as often as anybody likes.
func (a *api) bucket(path, method string) *bucket {
	var rate, burst *float64
	// The more general first, so that the other overrides it.
	for _, matches := range []func(methodSetting) bool{
		methodSetting.forAll, func(s methodSetting) bool { return s.names(path, method) },
	} {
		for _, s := range a.Methods {
			if !matches(s) {
				continue
			}
			if s.Rate != nil {
				rate = s.Rate
			}
			if s.Burst != nil {
				burst = s.Burst
			}
		}
	}
	if rate == nil || burst == nil {
		return nil
	}
	return &bucket{rate: *rate, burst: *burst, tokens: *burst}
}

// bucket is a token bucket: a request takes a token, rate tokens come back each
// second, and there are never more than burst.
type bucket struct {
	rate, burst float64

	mu     sync.Mutex
	tokens float64
	at     time.Time // when tokens was right
}

// take reports whether there was a token.
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
