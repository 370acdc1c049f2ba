package dynamo

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/idempotency"
)

// CreateAutomation stores a new automation. The org's row counts automations, which bounds them.
// The error is ErrTooMany.
func (s *Store) CreateAutomation(ctx context.Context, once *idempotency.Change, a automation.Automation) error {
	row, err := automationRowOf(a)
	if err != nil {
		return err
	}
	put, err := s.put(row, ifNew)
	if err != nil {
		return err
	}
	count := s.countAutomation(a.OrgID, 1)
	count.ConditionExpression = new(ifExists + " AND (attribute_not_exists(automations) OR automations < :most)")
	count.ExpressionAttributeValues[":most"] = num(automation.MaxAutomations)
	err = s.commit(ctx, once, a, []types.TransactWriteItem{{Update: count}, put})
	if unmet(err, 0) {
		return automation.ErrTooMany
	}
	return err
}

func (s *Store) countAutomation(orgID string, change int) *types.Update {
	return &types.Update{
		TableName: &s.table, Key: orgKey(orgID).item(),
		UpdateExpression:          new("ADD automations :change"),
		ConditionExpression:       new(ifExists),
		ExpressionAttributeValues: item{":change": num(change)},
	}
}

// ChangeAutomation reads an automation, lets next change it, and writes it with its trigger if it
// is still the one that was read; otherwise it starts over. The errors are ErrNotFound,
// ErrPathTaken and those of next.
func (s *Store) ChangeAutomation(
	ctx context.Context, once *idempotency.Change, orgID, id string, now time.Time, next func(*automation.Automation) error,
) (automation.Automation, error) {
	for range s.tries(ctx) {
		before, err := s.Automation(ctx, orgID, id)
		if err != nil {
			return automation.Automation{}, err
		}
		after := before
		if err := next(&after); err != nil {
			return automation.Automation{}, err
		}
		after.UpdatedAt, after.Revision = now, before.Revision+1
		row, err := automationRowOf(after)
		if err != nil {
			return automation.Automation{}, err
		}
		put, err := s.put(row, "revision = :before")
		if err != nil {
			return automation.Automation{}, err
		}
		put.Put.ExpressionAttributeValues = item{":before": num(before.Revision)}
		trigger, err := s.moveTrigger(before, after)
		if err != nil {
			return automation.Automation{}, err
		}
		steps := append([]types.TransactWriteItem{put}, trigger...)
		err = s.commit(ctx, once, after, steps)
		switch {
		case unmet(err, 0):
			continue
		case anyUnmetOf(err, 1, len(steps)-1):
			return automation.Automation{}, automation.ErrPathTaken
		}
		return after, err
	}
	return automation.Automation{}, contended("The automation")
}

// DeleteAutomation deletes an automation with its trigger. Runs that have not ended are cancelled
// by their workers. The error is ErrNotFound.
func (s *Store) DeleteAutomation(ctx context.Context, once *idempotency.Change, orgID, id string) error {
	for range s.tries(ctx) {
		before, err := s.Automation(ctx, orgID, id)
		if err != nil {
			return err
		}
		trigger, err := s.moveTrigger(before, automation.Automation{})
		if err != nil {
			return err
		}
		steps := append([]types.TransactWriteItem{
			{Delete: &types.Delete{
				TableName: &s.table, Key: automationKey(orgID, id).item(), ConditionExpression: new("revision = :before"),
				ExpressionAttributeValues: item{":before": num(before.Revision)},
			}},
			{Update: s.countAutomation(orgID, -1)},
		}, trigger...)
		err = s.commit(ctx, once, nil, steps)
		if !unmet(err, 0) {
			return err
		}
	}
	return contended("The automation")
}
