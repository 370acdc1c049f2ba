package dynamo

import "github.com/quintet-agents/quintet/shared/identity"

// userKey is the key of a user's row. A user logs in before the org is known, so the row is
// outside the orgs' partitions.
func userKey(userID string) key { return key{"USER#" + userID, "USER"} }

// memberKey is the key of the copy of a user's row in the list of the org's members, which is
// sorted by the time of joining.
func memberKey(u identity.User) key {
	return key{membersPK(u.OrgID), listedAt(stamp(u.CreatedAt), u.ID)}
}

func membersPK(orgID string) string { return orgPK(orgID) + "#MEMBERS" }
