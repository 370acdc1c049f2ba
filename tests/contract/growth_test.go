package contract_test

import (
	"strconv"
	"testing"
)

const (
	maxResources = 450 // leaves room below CloudFormation's limit of 500 for a stack
	manyFuncs    = 100 // what the product is to grow to in one stack
)

// The stack has room for 100 functions of today's kinds: the SAM transform makes
// a function, a role and a permission of each, and a permission more of each
// further path, or an event source mapping. An API method costs no resource.
func TestTransformedTemplate_HundredFunctions(t *testing.T) {
	now, then := transform(t), transform(t, strconv.Itoa(manyFuncs))
	const functions = "AWS::Lambda::Function"
	added := then.Types[functions] - now.Types[functions]
	if got := then.Types[functions]; got != manyFuncs || added <= 0 {
		t.Fatalf("got %d functions, %d of them added, want %d", got, added, manyFuncs)
	}
	each := float64(then.count()-now.count()) / float64(added)
	t.Logf("%d functions: %d resources; %d functions: %d resources, %.2f for each one added", now.Types[functions], now.count(), manyFuncs, then.count(), each)
	if got := then.count(); got >= maxResources {
		t.Errorf("got %d resources with %d functions, %.2f for each one added, want fewer than %d: %v", got, manyFuncs, each, maxResources, then.Types)
	}
}
