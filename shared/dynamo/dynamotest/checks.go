package dynamotest

import (
	"flag"
	"strconv"
	"testing"
)

// Checks sets how many histories rapid makes up in the test: each makes calls of
// an engine.
func Checks(t testing.TB, n int) {
	t.Helper()
	f := flag.Lookup("rapid.checks")
	old := f.Value.String()
	if err := f.Value.Set(strconv.Itoa(n)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Value.Set(old) })
}
