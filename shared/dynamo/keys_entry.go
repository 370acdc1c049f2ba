package dynamo

// entryKey is the key of a ledger entry that is not a turn. A partition of the index "by_org"
// has the whole ledger, turns and entries in order of time (see ledgerOf).
func entryKey(orgID, id string) key { return key{orgPK(orgID) + "#ENTRIES", id} }
