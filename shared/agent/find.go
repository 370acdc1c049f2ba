package agent

import (
	"context"
	"strings"

	"github.com/quintet-agents/quintet/shared/fault"
)

// ErrNotFound is the error for an agent that does not exist or belongs to another org.
var ErrNotFound = fault.New(fault.NotFound, "Agent not found")

// ErrNoVersion is the error for a version that the agent does not have.
var ErrNoVersion = fault.New(fault.NotFound, "Version not found")

// RefRule says what a field that names an agent may be.
const RefRule = "must be the id or slug of an agent"

// maxRef is longer than any id or slug, in bytes.
const maxRef = 64

// refAlphabet has the characters of ids and slugs, in both cases.
const refAlphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"

// IsRef reports whether a text can be an id or a slug. For any other text, callers need
// not read the store.
func IsRef(idOrSlug string) bool {
	return idOrSlug != "" && len(idOrSlug) <= maxRef && strings.Trim(idOrSlug, refAlphabet) == ""
}

// Find returns an agent that is not deleted, by id or slug, or ErrNotFound.
func Find(ctx context.Context, agents Reader, orgID, idOrSlug string) (Live, error) {
	if !IsRef(idOrSlug) {
		return Live{}, ErrNotFound
	}
	live, err := agents.Live(ctx, orgID, idOrSlug)
	if err == nil && live.Deleted {
		return Live{}, ErrNotFound
	}
	return live, err
}
