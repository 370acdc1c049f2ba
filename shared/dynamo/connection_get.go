package dynamo

import (
	"context"

	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/fault"
)

// Connection returns a connection by its id, or ErrNotFound.
func (s *Store) Connection(ctx context.Context, orgID, id string) (connection.Connection, error) {
	var r connectionRow
	err := s.get(ctx, connectionKey(orgID, id), &r, connection.ErrNotFound)
	return r.connection(), err
}

// HasConnection reports whether an org has a connection.
func (s *Store) HasConnection(ctx context.Context, orgID, id string) (bool, error) {
	_, err := s.Connection(ctx, orgID, id)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil, err
}

// Connections returns up to limit connections of an org, newest first. After a connection's
// id means older than it; empty means from the newest on.
func (s *Store) Connections(ctx context.Context, orgID, after string, limit int) ([]connection.Connection, error) {
	return list(ctx, s, connectionsPK(orgID), after, "", limit, connectionRow.connection)
}

// Credentials returns the sealed secrets of a connection, or ErrNotFound.
func (s *Store) Credentials(ctx context.Context, orgID, id string) (connection.Sealed, error) {
	var r credentialsRow
	err := s.get(ctx, credentialsKey(orgID, id), &r, connection.ErrNotFound)
	return r.Sealed, err
}

// Locate returns the connection that has an id, of any org, or ErrNotFound.
func (s *Store) Locate(ctx context.Context, id string) (connection.Connection, error) {
	var at struct {
		Owner string `dynamodbav:"owner"`
	}
	if err := s.get(ctx, locatorKey(id), &at, connection.ErrNotFound); err != nil {
		return connection.Connection{}, err
	}
	return s.Connection(ctx, at.Owner, id)
}
