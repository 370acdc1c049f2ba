package ledger

import "github.com/quintet-agents/quintet/shared/fault"

// Quotas returns an account's rate limits and the rest of them in the current windows.
// For a sharded account only one part was read, and the other parts are assumed to be
// equal.
func Quotas(a Account, r Rates) []fault.Quota {
	parts := max(a.Shards, 1)
	quota := func(name string, limit int, w Window) fault.Quota {
		return fault.Quota{
			Name: name, Limit: limit * parts, Window: RateWindow, Remaining: max(limit-w.Requests, 0) * parts, Resets: max(w.Ends, 0),
		}
	}
	return []fault.Quota{quota("org", a.Limits.RatePerMinute, r.Org), quota("key", a.Limits.KeyRatePerMinute, r.Key)}
}
