package dynamotest

import (
	"flag"
	"strconv"
	"testing"
)

// Checks sets the number of random histories that rapid generates in the test, because each
// makes calls to an engine.
func Checks(t testing.TB, n int) {
	t.Helper()
	f := flag.Lookup("rapid.checks")
	old := f.Value.String()
	if err := f.Value.Set(strconv.Itoa(n)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Value.Set(old) })
}
