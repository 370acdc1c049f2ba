package dynamo

import "github.com/quintet-agents/quintet/shared/idempotency"

// onceKey is the key of an idempotency key's row. Each has its own partition, because they are
// many and never listed.
func onceKey(k idempotency.Key) key { return key{orgPK(k.OrgID) + "#ONCE#" + k.ID, "ONCE"} }
