package dynamo

// standingKey is the key of the standing of an org with a sharded account.
func standingKey(orgID string) key { return key{orgPK(orgID), "STANDING"} }
