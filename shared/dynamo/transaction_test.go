package dynamo

import (
	"errors"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func TestUnmet(t *testing.T) {
	canceled := fmt.Errorf("write: %w", &types.TransactionCanceledException{CancellationReasons: []types.CancellationReason{
		{Code: new("None")}, {Code: new("ConditionalCheckFailed"), Item: item{"n": num(1)}}, {Code: new("TransactionConflict")}, {},
	}})
	for step, want := range map[int]bool{-1: false, 0: false, 1: true, 2: false, 3: false, 4: false} {
		if got := unmet(canceled, step); got != want {
			t.Errorf("step %d: got %v, want %v", step, got, want)
		}
	}
	if got := integer(unmetItem(canceled, 1)["n"]); got != 1 {
		t.Errorf("item of step 1: got %d, want 1", got)
	}
	for _, err := range []error{nil, errors.New("lost"), &types.ConditionalCheckFailedException{}, &types.TransactionCanceledException{}} {
		if unmet(err, 0) || anyUnmet(err) || unmetItem(err, 0) != nil {
			t.Errorf("got an unmet condition for %v, want none", err)
		}
	}
	if !anyUnmet(canceled) {
		t.Error("got no unmet condition, want one")
	}
}
