package dynamo

import (
	"context"

	"github.com/quintet-agents/quintet/shared/event"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
)

// Standing returns where an org was found last, and the parts of its account. They
// are read one beside the other: what one has lent meanwhile may be in two of
// them, or in none.
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
