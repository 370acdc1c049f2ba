package dynamo

// secretKey is the key of a name's sealed signing secrets.
func secretKey(orgID, name string) key { return key{orgPK(orgID) + "#SECRETS", name} }
