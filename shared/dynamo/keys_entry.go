package dynamo

// entryKey is a ledger entry that is no turn. The ledger itself, turns and
// entries in the order of time, is a partition of index "by_org" (see ledgerOf).
func entryKey(orgID, id string) key { return key{orgPK(orgID) + "#ENTRIES", id} }
