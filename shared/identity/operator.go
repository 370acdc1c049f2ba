package identity

import (
	"context"
	"strings"
	"time"
)

// An operator runs the deployment and keeps its orgs. Operators' keys look like
// an org's, with a prefix that no org's key has; they are made by a command,
// never by a route.
const operatorPrefix = "op"

// OperatorOrg stands for the org of operators' keys, which have none.
const OperatorOrg = "operator"

// NewOperatorKey makes an operator's key, with its secret. A name that will not
// do is Invalid.
func NewOperatorKey(name string, now time.Time) (Key, error) {
	if err := ValidateName(name); err != nil {
		return Key{}, err
	}
	return mint(OperatorOrg, strings.TrimSpace(name), operatorPrefix, now)
}

// Operators knows operators by their keys. It remembers them for some seconds.
type Operators struct{ keys keyring }

// NewOperators returns the Operators whose keys are in rows.
func NewOperators(rows Reader, now func() time.Time) *Operators {
	return &Operators{keys: keyring{rows: rows, now: now}}
}

// Authenticate returns the operator that a key speaks for, or ErrUnauthorized:
// also for a key of an org. A malformed one costs no read.
func (o *Operators) Authenticate(ctx context.Context, raw string) (Caller, error) {
	if !wellFormed(raw, []string{operatorPrefix}) {
		return Caller{}, ErrUnauthorized
	}
	key, err := o.keys.live(ctx, raw)
	if err != nil {
		return Caller{}, err
	}
	if key.OrgID != OperatorOrg {
		return Caller{}, ErrUnauthorized
	}
	return Caller{OrgID: OperatorOrg, KeyID: key.ID}, nil
}

// Origins is for pages, and operators have none.
func (o *Operators) Origins(context.Context, string) ([]string, error) { return nil, nil }
