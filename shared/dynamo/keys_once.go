package dynamo

import "github.com/quintet-agents/quintet/shared/idempotency"

// onceKey is what is kept of a request under its idempotency key. Each has a
// partition of its own: they are many, and nobody lists them.
func onceKey(k idempotency.Key) key { return key{orgPK(k.OrgID) + "#ONCE#" + k.ID, "ONCE"} }
