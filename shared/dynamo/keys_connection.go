package dynamo

import "strings"

// connectionKey is a connection's row. Ids sort by creation, so the partition is the org's
// list of connections.
func connectionKey(orgID, id string) key { return key{connectionsPK(orgID), id} }

func connectionsPK(orgID string) string { return orgPK(orgID) + connectionsMark }

const connectionsMark = "#CONNECTIONS"

func isConnection(at key) bool { return strings.HasSuffix(at.pk, connectionsMark) }

// credentialsKey is a connection's sealed secrets, apart from what lists read.
func credentialsKey(orgID, id string) key { return key{orgPK(orgID) + "#CREDENTIALS", id} }

// locatorKey finds a connection's org by the id of the connection, which is all that a webhook's
// URL has.
func locatorKey(id string) key { return key{"CONNECTION#" + id, "LOCATOR"} }
