// Package source feeds functions from event sources: a QueuePoller from an SQS
// queue, a StreamPoller from a table's stream, a Scheduler by the clock. They
// batch, filter, retry and handle partial failures as Lambda's event source
// mappings do. A queue's poller also shares its slots among message groups,
// because a local AWS does not (fairness.go).
package source

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// invoker sends an event to a function and waits for its whole answer.
type invoker func(ctx context.Context, function string, payload []byte) ([]byte, error)

// batchResponse is the answer of a function that reports partial failures.
type batchResponse struct {
	Failures []struct {
		ID string `json:"itemIdentifier"`
	} `json:"batchItemFailures"`
}

// failedItems returns the items of a batch that failed. Like Lambda it takes
// an answer that makes no sense for the failure of the whole batch.
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

// sleep waits, but not longer than ctx lives.
func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
