// Package laws_test holds what is true of every surface alike, for whatever a
// model says and whoever asks.
package laws_test

import (
	"flag"
	"log/slog"
	"testing"

	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
)

// scripts is how many turns of the model's each half of the test tells over
// every surface, unless -rapid.checks says otherwise: `make test-ledger-long`
// says 500, which are 1,000 in all.
const scripts = "100"

func TestMain(m *testing.M) {
	// Refusals and failures are logged; here they are what is asked for.
	slog.SetDefault(slog.New(slog.DiscardHandler))
	if err := flag.Set("rapid.checks", scripts); err != nil {
		panic(err)
	}
	dynamotest.Main(m)
}
