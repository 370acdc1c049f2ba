package dynamo

import "strings"

// endpointKey is an endpoint's row. Ids sort by creation, so the partition is
// the org's list of endpoints.
func endpointKey(orgID, id string) key { return key{endpointsPK(orgID), id} }

func endpointsPK(orgID string) string { return orgPK(orgID) + endpointsMark }

const endpointsMark = "#ENDPOINTS"

func isEndpoint(at key) bool { return strings.HasSuffix(at.pk, endpointsMark) }
