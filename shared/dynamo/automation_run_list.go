package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/quintet-agents/quintet/shared/automation"
)

// Run returns a run whole, or ErrNoRun.
func (s *Store) Run(ctx context.Context, ref automation.Ref) (automation.Run, error) {
	var row automationRunRow
	if err := s.get(ctx, automationRunKey(ref), &row, automation.ErrNoRun); err != nil {
		return automation.Run{}, err
	}
	r := row.run()
	return r, s.readRunData(ctx, &r)
}

// maxRunsLooked bounds the rows that one request for the runs of a state reads, and runsAtOnce is how
// many of them a query reads.
const maxRunsLooked, runsAtOnce = 1000, 100

// Runs returns up to limit runs of an automation, newest first, without their definitions and
// triggers: those of a state, or of any if it is empty. After a run's id means older than it. next
// is the id after which the list goes on, or empty at its end. If runs of the state are rare, a
// page has fewer than limit runs, perhaps none, before the end.
func (s *Store) Runs(
	ctx context.Context, orgID, automationID string, state automation.State, after string, limit int,
) (page []automation.Run, next string, err error) {
	condition, values := "pk = :pk", item{":pk": str(automationRunsPK(orgID, automationID))}
	if after != "" {
		condition += " AND sk < :after"
		values[":after"] = str(after)
	}
	atOnce := limit + 1
	if state != "" { // others are between them
		atOnce = max(atOnce, runsAtOnce)
	}
	q := &dynamodb.QueryInput{
		ConsistentRead: new(true), ScanIndexForward: new(false), Limit: new(int32(atOnce)),
		KeyConditionExpression: &condition, ExpressionAttributeValues: values,
	}
	page = []automation.Run{}
	looked := 0
	for row, err := range rows[automationRunRow](ctx, s, q) {
		if err != nil {
			return nil, "", err
		}
		if len(page) == limit || looked == maxRunsLooked {
			return page, next, nil
		}
		looked++
		next = row.ID
		if r := row.run(); state == "" || r.State == state {
			page = append(page, r)
		}
	}
	return page, "", nil
}
