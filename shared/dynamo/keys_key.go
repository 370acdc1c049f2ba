package dynamo

// keyKey is the key of an API key's row. A key is found by its hash before its org is known, so
// the row is outside the orgs' partitions.
func keyKey(hash string) key { return key{"KEY#" + hash, "KEY"} }

// listedKey is the key of an API key's row in its org's list, in order of creation. Both rows
// are written in one transaction, so the list is consistent.
func listedKey(orgID, keyID string) key { return key{keysPK(orgID), keyID} }

func keysPK(orgID string) string { return orgPK(orgID) + "#KEYS" }
