package ledger

// MaxShards is how many parts an account may be kept in.
const MaxShards = 32

// ShardLimits returns what of an account's limits is the given part's: the
// parts' limits add up to the whole's. A monthly cap of which nothing is left
// for a part is less than 0 there, for 0 is none.
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
