package dynamo

import (
	"time"

	"github.com/quintet-agents/quintet/shared/identity"
)

// userRow is a user's row in the list of members.
type userRow struct {
	PK        string `dynamodbav:"pk"`
	SK        string `dynamodbav:"sk"`
	ID        string `dynamodbav:"id"`
	OrgID     string `dynamodbav:"org_id"`
	Email     string `dynamodbav:"email"`
	Role      string `dynamodbav:"role"`
	CreatedAt string `dynamodbav:"created_at"`
	RemovedAt string `dynamodbav:"removed_at,omitempty"`
}

// sessionsRow is a user's own row.
type sessionsRow struct {
	userRow

	Ended map[string]int64 `dynamodbav:"ended"` // from session to its expiry in seconds
}

// userRowsOf returns a new user's row and its copy in the list of members.
func userRowsOf(u identity.User) (row sessionsRow, listed userRow) {
	at, place := userKey(u.ID), memberKey(u)
	listed = userRow{
		PK: place.pk, SK: place.sk,
		ID: u.ID, OrgID: u.OrgID, Email: u.Email, Role: string(u.Role), CreatedAt: stamp(u.CreatedAt),
	}
	row = sessionsRow{userRow: listed, Ended: map[string]int64{}}
	row.PK, row.SK = at.pk, at.sk
	return row, listed
}

func (r userRow) user() identity.User {
	u := identity.User{ID: r.ID, OrgID: r.OrgID, Email: r.Email, Role: identity.Role(r.Role), CreatedAt: unstamp(r.CreatedAt)}
	if r.RemovedAt != "" {
		u.RemovedAt = unstamp(r.RemovedAt)
	}
	return u
}

func (r sessionsRow) user() identity.User {
	u := r.userRow.user()
	u.Ended = make(map[string]time.Time, len(r.Ended))
	for session, expires := range r.Ended {
		u.Ended[session] = time.Unix(expires, 0)
	}
	return u
}
