// Package laws_test checks the laws that hold on every surface alike, for any answer of a
// model and any client.
package laws_test

import (
	"flag"
	"log/slog"
	"testing"

	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
)

// scripts is the default of -rapid.checks: the number of turns that each half of the test
// plays over every surface. `make test-ledger-long` plays 500, which are 1,000 in all.
const scripts = "100"

func TestMain(m *testing.M) {
	// The test provokes refusals and failures, so their logs are noise.
	slog.SetDefault(slog.New(slog.DiscardHandler))
	if err := flag.Set("rapid.checks", scripts); err != nil {
		panic(err)
	}
	dynamotest.Main(m)
}
