package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/quintet-agents/quintet/shared/thread"
)

// Threads returns up to limit threads of the org, newest first: of one agent, or of all if
// agentID is empty. after is the thread before the first one, or nil. The read is eventually
// consistent.
func (s *Store) Threads(ctx context.Context, orgID, agentID string, after *thread.Thread, limit int) ([]thread.Thread, error) {
	index, pk := "by_org", threadsOf(orgID)
	if agentID != "" {
		index, pk = "by_agent", threadsOfAgent(orgID, agentID)
	}
	condition, values := "#pk = :pk", item{":pk": str(pk)}
	names := map[string]string{"#pk": index + "_pk"}
	if after != nil {
		condition += " AND #sk < :after"
		names["#sk"] = index + "_sk"
		values[":after"] = str(listedAt(stamp(after.CreatedAt), after.ID))
	}
	q := &dynamodb.QueryInput{
		IndexName: &index, Limit: new(int32(limit)), ScanIndexForward: new(false), //nolint:gosec // small
		KeyConditionExpression: &condition, ExpressionAttributeNames: names, ExpressionAttributeValues: values,
	}
	threads := []thread.Thread{}
	for row, err := range rows[threadRow](ctx, s, q) {
		if err != nil {
			return nil, err
		}
		t, err := row.thread()
		if err != nil {
			return nil, err
		}
		if threads = append(threads, t); len(threads) == limit {
			break
		}
	}
	return threads, nil
}

// ThreadsAndChannels is Threads with the channels of the threads, which the index of an agent
// does not have.
func (s *Store) ThreadsAndChannels(ctx context.Context, orgID, agentID string, after *thread.Thread, limit int) ([]thread.Thread, error) {
	threads, err := s.Threads(ctx, orgID, agentID, after, limit)
	if err != nil || agentID == "" {
		return threads, err
	}
	keys := make([]key, 0, len(threads))
	for _, t := range threads {
		keys = append(keys, threadKey(t.OrgID, t.ID))
	}
	items, err := s.batch(ctx, keys, eventual)
	if err != nil {
		return nil, err
	}
	channels := make(map[string]string, len(items))
	for _, it := range items {
		channels[text(it["id"])] = text(it["channel"])
	}
	for i, t := range threads {
		threads[i].Channel = channels[t.ID]
	}
	return threads, nil
}
