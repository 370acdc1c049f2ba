package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/inbox"
)

// UpdateContact applies a patch and returns the changed contact.
func (s *Store) UpdateContact(ctx context.Context, once *idempotency.Change, orgID, id string, p inbox.ContactPatch) (inbox.Contact, error) {
	for range s.tries(ctx) {
		before, err := s.Contact(ctx, orgID, id)
		if err != nil {
			return inbox.Contact{}, err
		}
		after := p.Apply(before, s.now())
		step, err := s.putContact(&after)
		if err != nil {
			return inbox.Contact{}, err
		}
		if err = s.commit(ctx, once, after, []types.TransactWriteItem{step}); unmet(err, 0) {
			continue
		}
		return after, err
	}
	return inbox.Contact{}, contended("The contact")
}

// putContact returns the step that writes a contact unless it was changed since it was read, or
// created meanwhile, and moves its revision on.
func (s *Store) putContact(c *inbox.Contact) (types.TransactWriteItem, error) {
	before := c.Revision
	c.Revision++
	if before == 0 {
		return s.put(contactRowOf(*c), ifNew)
	}
	step, err := s.put(contactRowOf(*c), "revision = :before")
	if err == nil {
		step.Put.ExpressionAttributeValues = item{":before": num(before)}
	}
	return step, err
}
