package dynamo

// A key is found by its hash before its org is known, so its row lies outside
// the org's partitions.
func keyKey(hash string) key { return key{"KEY#" + hash, "KEY"} }

// listedKey is a key's row in the list of its org's keys. Ids sort by
// creation. Both rows are written together, so that the list is never behind.
func listedKey(orgID, keyID string) key { return key{keysPK(orgID), keyID} }

func keysPK(orgID string) string { return orgPK(orgID) + "#KEYS" }
