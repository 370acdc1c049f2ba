package dynamo

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/idempotency"
)

// UpdateConnection applies a patch and returns the changed connection. The error is
// ErrNoAgent if the patch enables the connection or names its agent, and that agent does not
// exist.
func (s *Store) UpdateConnection(ctx context.Context, once *idempotency.Change, orgID, id string, p connection.Patch, now time.Time) (connection.Connection, error) {
	return s.changeConnection(ctx, orgID, id, s.answering(ctx, once), func(c connection.Connection) (connectionChange, error) {
		after := connectionChange{connection: p.Apply(c, now)}
		if p.Binds() {
			after.steps = []types.TransactWriteItem{s.bindAgent(orgID, after.connection.AgentID)}
			after.unmet = connection.ErrNoAgent
		}
		return after, nil
	})
}

// RotateCredentials replaces the secrets that are given and keeps the others.
func (s *Store) RotateCredentials(ctx context.Context, once *idempotency.Change, orgID, id string, fresh connection.Sealed, now time.Time) (connection.Connection, error) {
	return s.changeConnection(ctx, orgID, id, s.answering(ctx, once), func(c connection.Connection) (connectionChange, error) {
		u := patch{condition: exists()}
		for name, sealed := range fresh {
			u.changes = u.changes.Set(expression.Name("sealed."+name), expression.Value(&types.AttributeValueMemberB{Value: sealed}))
		}
		step, err := s.update(credentialsKey(orgID, id), u)
		return connectionChange{
			connection: c.Rotate(now), steps: []types.TransactWriteItem{{Update: step}}, unmet: connection.ErrNotFound,
		}, err
	})
}

// ReportProblem records a problem that a provider has reported, unless the credentials
// were replaced since the given version: what the old ones met says nothing about the new
// ones.
func (s *Store) ReportProblem(ctx context.Context, orgID, id string, credentials int, p connection.Problem) error {
	write := func(_ connection.Connection, steps []types.TransactWriteItem) error { return s.write(ctx, steps) }
	_, err := s.changeConnection(ctx, orgID, id, write, func(c connection.Connection) (connectionChange, error) {
		if c.Credentials == credentials {
			c = c.Report(p)
		}
		return connectionChange{connection: c}, nil
	})
	return err
}

// SolveProblem removes the connection's problem, if that has the given code.
func (s *Store) SolveProblem(ctx context.Context, orgID, id, code string) error {
	write := func(_ connection.Connection, steps []types.TransactWriteItem) error { return s.write(ctx, steps) }
	_, err := s.changeConnection(ctx, orgID, id, write, func(c connection.Connection) (connectionChange, error) {
		if c.Problem != nil && c.Problem.Code == code {
			c.Problem = nil
		}
		return connectionChange{connection: c}, nil
	})
	return err
}

// KeepVerification records a verification, unless the credentials were replaced since the given
// version.
func (s *Store) KeepVerification(ctx context.Context, orgID, id string, credentials int, v connection.Verification) error {
	write := func(_ connection.Connection, steps []types.TransactWriteItem) error { return s.write(ctx, steps) }
	_, err := s.changeConnection(ctx, orgID, id, write, func(c connection.Connection) (connectionChange, error) {
		if c.Credentials == credentials {
			c = c.Verified(v)
		}
		return connectionChange{connection: c}, nil
	})
	return err
}

// connectionChange is a new state of a connection, with what else is written in the same
// transaction.
type connectionChange struct {
	connection connection.Connection
	steps      []types.TransactWriteItem
	unmet      error // if the condition of one of the steps fails
}

// writeConnection writes a changed connection by the given steps.
type writeConnection func(c connection.Connection, steps []types.TransactWriteItem) error

// answering returns the write that also keeps the answer to a request.
func (s *Store) answering(ctx context.Context, once *idempotency.Change) writeConnection {
	return func(c connection.Connection, steps []types.TransactWriteItem) error {
		return s.commit(ctx, once, c, steps)
	}
}

// changeConnection reads a connection, lets next work out its new state, and writes it if the
// connection is still the one that was read; otherwise it starts over.
func (s *Store) changeConnection(
	ctx context.Context, orgID, id string, write writeConnection, next func(connection.Connection) (connectionChange, error),
) (connection.Connection, error) {
	for range s.tries(ctx) {
		before, err := s.Connection(ctx, orgID, id)
		if err != nil {
			return connection.Connection{}, err
		}
		after, err := next(before)
		if err != nil {
			return connection.Connection{}, err
		}
		step, err := s.putConnection(&after.connection)
		if err != nil {
			return connection.Connection{}, err
		}
		err = write(after.connection, append([]types.TransactWriteItem{step}, after.steps...))
		switch {
		case unmet(err, 0):
			continue
		case after.unmet != nil && anyUnmetOf(err, 1, len(after.steps)):
			return connection.Connection{}, after.unmet
		}
		return after.connection, err
	}
	return connection.Connection{}, contended("The connection")
}

// putConnection returns the step that writes a connection unless it was changed since it was
// read, and moves its revision on.
func (s *Store) putConnection(c *connection.Connection) (types.TransactWriteItem, error) {
	before := c.Revision
	c.Revision++
	step, err := s.put(connectionRowOf(*c), "revision = :before")
	if err == nil {
		step.Put.ExpressionAttributeValues = item{":before": num(before)}
	}
	return step, err
}

// anyUnmetOf reports whether err is a transaction's and the condition of one of n steps
// failed, from the given one on.
func anyUnmetOf(err error, from, n int) bool {
	for step := from; step < from+n; step++ {
		if unmet(err, step) {
			return true
		}
	}
	return false
}
