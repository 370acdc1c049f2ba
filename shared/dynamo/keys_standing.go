package dynamo

// standingKey is where an org stands whose account is in parts.
func standingKey(orgID string) key { return key{orgPK(orgID), "STANDING"} }
