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

// listedFields are the attributes of an automation that lists read. Definitions may have 64 KiB.
var listedFields = map[string]string{
	"#id": "id", "#org": "org_id", "#name": "name", "#disabled": "disabled", "#due": "due", "#created": "created_at", "#updated": "updated_at",
	"#draft": "draft", "#published": "published", "#trigger": "trigger", "#version": "version", "#at": "at",
}

const listedPaths = "#id, #org, #name, #disabled, #due, #created, #updated, #draft.#trigger, #published.#trigger, #published.#version, #published.#at"

// Automations returns up to limit automations of an org, newest first, without their steps and
// secrets. After an automation's id means older than it; empty means from the newest on.
func (s *Store) Automations(ctx context.Context, orgID, after string, limit int) ([]automation.Automation, error) {
	q := newestFirst(automationsPK(orgID), after, limit)
	q.ProjectionExpression, q.ExpressionAttributeNames = new(listedPaths), listedFields
	found, err := collect(ctx, s, q, limit, func(r automationRow) automationRow { return r })
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
