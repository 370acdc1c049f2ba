package dynamo

import (
	"context"

	"github.com/quintet-agents/quintet/shared/automation"
)

// Automation returns an automation, ErrNotFound, or ErrUnreadable.
func (s *Store) Automation(ctx context.Context, orgID, id string) (automation.Automation, error) {
	var row automationRow
	if err := s.get(ctx, automationKey(orgID, id), &row, automation.ErrNotFound); err != nil {
		return automation.Automation{}, err
	}
	return row.automation()
}

// Automations returns up to limit automations of an org, newest first. After an automation's id
// means older than it; empty means from the newest on.
func (s *Store) Automations(ctx context.Context, orgID, after string, limit int) ([]automation.Automation, error) {
	found, err := list(ctx, s, automationsPK(orgID), after, "", limit, func(r automationRow) automationRow { return r })
	if err != nil {
		return nil, err
	}
	all := make([]automation.Automation, 0, len(found))
	for _, row := range found {
		a, err := row.automation()
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, nil
}
