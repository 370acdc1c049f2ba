package identity

import (
	"context"
	"strings"
	"time"
)

// An operator runs the deployment and manages its orgs. Operators' keys have the form of an
// org's key with a prefix of their own. Only a command creates them, never a route.
const operatorPrefix = "op"

// OperatorOrg takes the place of the org id in operators' keys, which have no org.
const OperatorOrg = "operator"

// NewOperatorKey returns a new operator's key, with its secret. The error is Invalid for an
// invalid name.
func NewOperatorKey(name string, now time.Time) (Key, error) {
	if err := ValidateName(name); err != nil {
		return Key{}, err
	}
	return mint(OperatorOrg, strings.TrimSpace(name), operatorPrefix, now)
}

// Operators authenticates operators by their keys, and caches the keys for some seconds.
type Operators struct{ keys keyring }

// NewOperators returns the Operators whose keys are in rows.
func NewOperators(rows Reader, now func() time.Time) *Operators {
	return &Operators{keys: keyring{rows: rows, now: now}}
}

// Authenticate returns the operator of a key, or ErrUnauthorized, also for an org's key. A
// malformed key costs no read.
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

// Origins returns nil: operators have no pages.
func (o *Operators) Origins(context.Context, string) ([]string, error) { return nil, nil }
