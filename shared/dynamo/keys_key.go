package dynamo

// A key is found by its hash before its org is known, so its row lies outside
// the org's partitions.
func keyKey(hash string) key { return key{"KEY#" + hash, "KEY"} }

// keysOf is the partition of index "by_org" that lists an org's keys, oldest
// first.
func keysOf(orgID string) string { return orgPK(orgID) + "#KEYS" }
