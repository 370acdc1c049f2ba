package dynamo

// secretKey is what signs for a name, sealed.
func secretKey(orgID, name string) key { return key{orgPK(orgID) + "#SECRETS", name} }
