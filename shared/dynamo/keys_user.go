package dynamo

import "github.com/quintet-agents/quintet/shared/identity"

// A user logs in before their org is known, so their row lies outside the
// org's partitions.
func userKey(userID string) key { return key{"USER#" + userID, "USER"} }

// memberKey is the copy of a user's row in the list of the org's members,
// which is in the order of their coming.
func memberKey(u identity.User) key {
	return key{membersPK(u.OrgID), listedAt(stamp(u.CreatedAt), u.ID)}
}

func membersPK(orgID string) string { return orgPK(orgID) + "#MEMBERS" }
