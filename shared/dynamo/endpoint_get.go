package dynamo

import (
	"context"

	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/fault"
)

// Endpoint returns an endpoint by its id, or NotFound.
func (s *Store) Endpoint(ctx context.Context, orgID, id string) (delivery.Endpoint, error) {
	var r endpointRow
	err := s.get(ctx, endpointKey(orgID, id), &r)
	if fault.Is(err, fault.NotFound) {
		return delivery.Endpoint{}, delivery.ErrNoEndpoint
	}
	return r.endpoint(), err
}
