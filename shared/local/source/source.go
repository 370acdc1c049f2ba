// Package source invokes functions for event sources: a QueuePoller for an SQS queue, a
// StreamPoller for a table's stream, a Scheduler for a schedule. They batch, filter, retry
// and handle partial failures like Lambda's event source mappings. A QueuePoller also
// divides its concurrency among message groups, because a local AWS does not
// (fairness.go).
package source

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// invoker sends an event to a function and waits for its complete answer.
type invoker func(ctx context.Context, function string, payload []byte) ([]byte, error)

// batchResponse is the answer of a function that reports partial failures.
type batchResponse struct {
	Failures []struct {
		ID string `json:"itemIdentifier"`
	} `json:"batchItemFailures"`
}

// failedItems returns the failed items of a batch. Like Lambda, it treats an invalid answer
// as the failure of the whole batch.
func failedItems(answer []byte, known map[string]bool) (map[string]bool, error) {
	failed := map[string]bool{}
	if len(answer) == 0 || string(answer) == "null" {
		return failed, nil
	}
	var response batchResponse
	if err := json.Unmarshal(answer, &response); err != nil {
		return nil, fmt.Errorf("read batchItemFailures: %w", err)
	}
	for _, f := range response.Failures {
		if !known[f.ID] {
			return nil, fmt.Errorf("batchItemFailures names %q, which is not in the batch", f.ID)
		}
		failed[f.ID] = true
	}
	return failed, nil
}

// sleep waits for d or until ctx ends.
func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
