package connection

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/shared/work"
)

// Verifier reads connections, bounds their verifications, and keeps the answers of requests.
type Verifier interface {
	Reader
	wire.Keeper
	ClaimSlot(ctx context.Context, p work.Place, now, until time.Time) (work.Slot, bool, error)
	KeepAnswer(ctx context.Context, once *idempotency.Change, result any) error
}

const (
	verifyTime = 12 * time.Second // the longest wait for the provider's answer
	verifyPoll = 250 * time.Millisecond
)

// Verify answers POST /connections/{id}/verify with what the provider says about the account.
// Only the worker of the channel may open credentials, so the handler asks it and waits.
func Verify(auth wire.Authenticator, connections Verifier, workers func(connection.Vendor) work.Queue, now func() time.Time) http.Handler {
	return shown(func(shape func(connection.Connection) connectionShape) http.Handler {
		return frame.Change(auth, identity.Caller.MayManage, connections, func(r *http.Request, caller identity.Caller, once *idempotency.Change) (connection.Connection, error) {
			c, err := connectionOf(r, connections, caller)
			if err != nil {
				return connection.Connection{}, err
			}
			if err := admit(r.Context(), connections, c.OrgID, now()); err != nil {
				return connection.Connection{}, err
			}
			v := inbox.Verify{ID: uuid.NewString(), WebhookURL: c.WebhookURL(wire.BaseURL(r.Context()))}
			ref := inbox.Ref{OrgID: c.OrgID, Channel: c.Channel, ConnectionID: c.ID, Verify: &v}
			if err := workers(c.Channel.Vendor()).Send(r.Context(), work.Message{Body: ref}); err != nil {
				return connection.Connection{}, err
			}
			if c, err = verified(r.Context(), connections, c, v.ID); err != nil {
				return connection.Connection{}, err
			}
			return c, connections.KeepAnswer(r.Context(), once, c)
		}, http.StatusOK, shape)
	})
}

// admit returns an error if an org asks for too many verifications. The workers and the provider's
// limits are those of all orgs: Amazon SES, for one, answers a request a second.
func admit(ctx context.Context, connections Verifier, orgID string, now time.Time) error {
	place := work.Place{OrgID: orgID, Stage: work.Verifications}
	_, free, err := connections.ClaimSlot(ctx, place, now, now.Add(work.VerificationTime))
	if err == nil && !free {
		return errOften
	}
	return err
}

// errOften is the error of a verification beyond the limit.
var errOften = &fault.Error{
	Code: fault.RateLimited, Message: "Only ten verifications of connections are possible within a minute", RetryAfter: work.VerificationTime,
}

// verified waits until a verification is recorded.
func verified(ctx context.Context, connections Reader, c connection.Connection, id string) (connection.Connection, error) {
	ctx, cancel := context.WithTimeout(ctx, verifyTime)
	defer cancel()
	for {
		now, err := connections.Connection(ctx, c.OrgID, c.ID)
		switch {
		case err == nil && now.Verification != nil && now.Verification.ID == id:
			return now, nil
		case err != nil && ctx.Err() == nil:
			return connection.Connection{}, err
		}
		select {
		case <-ctx.Done():
			return connection.Connection{}, errUnverified
		case <-time.After(verifyPoll):
		}
	}
}

// errUnverified is the error of a verification whose outcome will be shown later.
var errUnverified = &fault.Error{
	Code: fault.Conflict, Message: "The provider has not answered yet; read the connection's verification in some seconds", RetryAfter: 5 * time.Second,
}
