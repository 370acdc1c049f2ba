package dynamo

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
)

// maxForgotten bounds the expired sessions that one update removes, because an expression has at
// most 4 KB and 300 operators. Later updates remove the rest.
const maxForgotten = 100

// EndSession ends a session early. It also removes ended sessions that have expired meanwhile. It
// is a no-op for a removed user.
func (s *Store) EndSession(ctx context.Context, once *idempotency.Change, session identity.Session, now time.Time) error {
	u, err := s.User(ctx, session.UserID)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	update := "SET ended.#session = :expires"
	names := map[string]string{"#session": session.ID}
	var expired []string
	for id, expires := range u.Ended {
		if expires.Before(now) && id != session.ID && len(expired) < maxForgotten {
			name := fmt.Sprintf("#e%d", len(expired))
			names[name] = id
			expired = append(expired, "ended."+name)
		}
	}
	if len(expired) > 0 {
		update += " REMOVE " + strings.Join(expired, ", ")
	}
	// Round up, because the token is valid in its last second.
	expires := session.ExpiresAt.Add(time.Second).Unix()
	err = s.commit(ctx, once, nil, []types.TransactWriteItem{{Update: &types.Update{
		TableName: &s.table, Key: userKey(session.UserID).item(),
		UpdateExpression: &update, ConditionExpression: new(ifExists),
		ExpressionAttributeNames: names, ExpressionAttributeValues: item{":expires": num(expires)},
	}}})
	if unmet(err, 0) {
		return nil
	}
	return err
}

// ConfirmSession stores the answer to a request that began a session.
func (s *Store) ConfirmSession(ctx context.Context, once *idempotency.Change, session identity.Session) error {
	return s.confirm(ctx, once, session)
}
