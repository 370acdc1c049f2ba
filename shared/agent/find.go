package agent

import (
	"context"

	"github.com/quintet-agents/quintet/shared/fault"
)

// ErrNotFound is for an agent that does not exist, or is another org's.
var ErrNotFound = fault.New(fault.NotFound, "Agent not found")

// MaxRef is longer than any id or slug, in bytes. What is longer could be no key
// of a store.
const MaxRef = 64

// Find returns an agent that is not deleted, by id or slug, or ErrNotFound.
func Find(ctx context.Context, agents Reader, orgID, idOrSlug string) (Live, error) {
	if idOrSlug == "" || len(idOrSlug) > MaxRef {
		return Live{}, ErrNotFound
	}
	live, err := agents.Live(ctx, orgID, idOrSlug)
	if err == nil && live.Deleted {
		return Live{}, ErrNotFound
	}
	return live, err
}
