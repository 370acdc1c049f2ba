package contract_test

import (
	"strconv"
	"testing"
)

const (
	maxResources = 450 // leaves room below CloudFormation's limit of 500 for a stack
	manyFuncs    = 120 // the product's expected size in one stack
)

// The stack has room for 120 functions of today's kinds. The SAM transform turns each into a
// function, a role and a permission, and each further path into a permission; a queue adds an
// event source mapping. An API method adds no resource.
func TestTransformedTemplate_Growth(t *testing.T) {
	now, then := transform(t), transform(t, strconv.Itoa(manyFuncs))
	const functions = "AWS::Lambda::Function"
	added := then.Types[functions] - now.Types[functions]
	if got := then.Types[functions]; got != manyFuncs || added <= 0 {
		t.Fatalf("got %d functions, %d of them added, want %d", got, added, manyFuncs)
	}
	each := float64(then.count()-now.count()) / float64(added)
	t.Logf("%d functions: %d resources; %d functions: %d resources, %.2f for each added one", now.Types[functions], now.count(), manyFuncs, then.count(), each)
	if got := then.count(); got >= maxResources {
		t.Errorf("got %d resources with %d functions, %.2f for each one added, want fewer than %d: %v", got, manyFuncs, each, maxResources, then.Types)
	}
}
