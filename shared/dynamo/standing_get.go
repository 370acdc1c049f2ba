package dynamo

import (
	"context"

	"github.com/quintet-agents/quintet/shared/event"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
)

// Standing returns an org's stored standing and the parts of its account. The parts are read
// concurrently, so credits that one lends to another meanwhile may be in both or in none.
func (s *Store) Standing(ctx context.Context, orgID string) (event.Standing, []ledger.Account, error) {
	r := standingRow{OrgID: orgID}
	if err := s.get(ctx, standingKey(orgID), &r, errAbsent); err != nil && !fault.Is(err, fault.NotFound) {
		return event.Standing{}, nil, err
	}
	items, err := s.allParts(ctx, orgID)
	if err != nil {
		return event.Standing{}, nil, err
	}
	parts := make([]ledger.Account, len(items))
	for i, it := range items {
		parts[i] = accountOf(it)
	}
	return r.standing(), parts, nil
}
