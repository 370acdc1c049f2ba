package ledger

import "github.com/quintet-agents/quintet/shared/fault"

// Quotas returns what a request may tell of its account's rates, given the
// windows as they stand. Of an account in parts only one part was seen, and the
// others are taken for its like.
func Quotas(a Account, r Rates) []fault.Quota {
	parts := max(a.Shards, 1)
	quota := func(name string, limit int, w Window) fault.Quota {
		return fault.Quota{
			Name: name, Limit: limit * parts, Window: RateWindow, Remaining: max(limit-w.Requests, 0) * parts, Resets: max(w.Ends, 0),
		}
	}
	return []fault.Quota{quota("org", a.Limits.RatePerMinute, r.Org), quota("key", a.Limits.KeyRatePerMinute, r.Key)}
}
