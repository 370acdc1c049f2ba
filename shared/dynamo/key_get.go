package dynamo

import (
	"context"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/fault"
)

// Key returns a key of an org by its id, a revoked one included, or NotFound.
func (s *Store) Key(ctx context.Context, orgID, keyID string) (account.Key, error) {
	var r keyRow
	err := s.get(ctx, listedKey(orgID, keyID), &r)
	if fault.Is(err, fault.NotFound) {
		return account.Key{}, errNoKey
	}
	return r.key(), err
}

var errNoKey = fault.New(fault.NotFound, "API key not found")
