package dynamo

import (
	"context"

	"github.com/quintet-agents/quintet/shared/delivery"
)

// Endpoints returns up to limit endpoints of an org, newest first. After an
// endpoint's id means older than it; empty means from the newest on.
func (s *Store) Endpoints(ctx context.Context, orgID, after string, limit int) ([]delivery.Endpoint, error) {
	return list(ctx, s, endpointsPK(orgID), after, "", limit, endpointRow.endpoint)
}
