package contract_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The template fits into one stack, and SAM makes of it what it says.
func TestTransformedTemplate(t *testing.T) {
	transformed := transform(t)
	if count := transformed.count(); count >= maxResources {
		t.Errorf("the stack has %d resources, which is not below %d: %v", count, maxResources, transformed.Types)
	}
	if got, want := transformed.Types["AWS::Lambda::Function"], len(template(t).Functions()); got != want {
		t.Errorf("there are %d functions, want %d", got, want)
	}
	var streamed []string
	for _, r := range template(t).Routes() {
		if r.Stream {
			streamed = append(streamed, r.Method+" "+r.Path)
		}
	}
	slices.Sort(streamed)
	if d := cmp.Diff(streamed, transformed.Streamed); d != "" {
		t.Errorf("other routes stream than should (-template +transformed):\n%s", d)
	}
}
