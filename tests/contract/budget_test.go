package contract_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The template fits into one stack, and the SAM transform keeps its functions and streams.
func TestTransformedTemplate(t *testing.T) {
	transformed := transform(t)
	if count := transformed.count(); count >= maxResources {
		t.Errorf("got %d resources, want fewer than %d: %v", count, maxResources, transformed.Types)
	}
	if got, want := transformed.Types["AWS::Lambda::Function"], len(template(t).Functions()); got != want {
		t.Errorf("got %d functions, want %d", got, want)
	}
	var streamed []string
	for _, r := range template(t).Routes() {
		if r.Stream {
			streamed = append(streamed, r.Method+" "+r.Path)
		}
	}
	slices.Sort(streamed)
	if d := cmp.Diff(streamed, transformed.Streamed); d != "" {
		t.Errorf("streamed routes after the transform (-want +got):\n%s", d)
	}
}
