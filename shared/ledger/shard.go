package ledger

// MaxShards bounds the parts of a sharded account.
const MaxShards = 32

// ShardLimits returns a part's share of an account's limits. The shares add up to the
// account's limits. A monthly cap whose share is 0 is negative in the result, because 0
// means no cap.
func ShardLimits(l Limits, shard, shards int) Limits {
	if shards <= 1 {
		return l
	}
	part := func(whole int) int {
		n := whole / shards
		if shard < whole%shards {
			n++
		}
		return n
	}
	capped := func(whole int) int {
		if n := part(whole); whole == 0 || n > 0 {
			return n
		}
		return -1
	}
	return Limits{
		RatePerMinute: part(l.RatePerMinute), KeyRatePerMinute: part(l.KeyRatePerMinute), MaxConcurrentTurns: part(l.MaxConcurrentTurns),
		MaxWaitingTurns:       part(l.MaxWaitingTurns),
		MonthlyMessagesHosted: capped(l.MonthlyMessagesHosted), MonthlyMessagesOwn: capped(l.MonthlyMessagesOwn),
		MonthlyTokensHosted: capped(l.MonthlyTokensHosted),
	}
}
