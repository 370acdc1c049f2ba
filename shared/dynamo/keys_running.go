package dynamo

// runningKey is the key of what a running turn has published and is asked for. Each has its own
// partition, because they are many and never listed: the account has the ids of open turns.
func runningKey(orgID, turnID string) key { return key{orgPK(orgID) + "#RUNNING#" + turnID, "RUNNING"} }

// watchKey is the key of the row that an org's running turns look at.
func watchKey(orgID string) key { return key{orgPK(orgID), "WATCH"} }
