// Package ledger_test tests the ledger against models with random histories: the real
// table has the rows that a model predicts, even when calls are repeated, late or
// corrupted.
package ledger_test

import (
	"flag"
	"fmt"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
)

var (
	seeds     = flag.Int("seeds", 1, "number of seeds of random histories")
	firstSeed = flag.Uint64("seed", 0, "the first seed; 0: from the clock")
	turns     = flag.Int("turns", 250, "number of turns to simulate for each seed")
)

func TestMain(m *testing.M) { dynamotest.Main(m) }

// steps is the average length of a history.
const steps = 250

// After each call of the store, under any fault, the account equals the model's: the
// balance is never below zero and the sum of its entries, and every hold is resolved once.
func TestLedger_MatchesModel(t *testing.T) {
	table := dynamotest.Open(t)
	first := *firstSeed
	if first == 0 {
		first = uint64(time.Now().UnixNano()) / 1000
	}
	set(t, "rapid.checks", "1")
	set(t, "rapid.nofailfile", "true") // the seed reproduces a failure
	set(t, "rapid.steps", strconv.Itoa(steps))
	orgs, all := 0, 0
	for i := range *seeds {
		seed := first + uint64(i)
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			simulated, histories := 0, 0
			for ; simulated < *turns && !t.Failed(); histories++ {
				set(t, "rapid.seed", strconv.FormatUint(seed<<16+uint64(histories)+1, 10))
				rapid.Check(t, func(rt *rapid.T) {
					orgs++
					m := newMachine(rt, table, fmt.Sprintf("org-%d", orgs))
					defer m.close()
					rt.Repeat(m.actions())
					m.finish(rt)
					simulated += m.books.held
				})
			}
			t.Logf("%d turns in %d histories; to repeat: -run TestLedger_MatchesModel -seed %d", simulated, histories, seed)
			all += simulated
		})
	}
	t.Logf("%d turns", all)
}

// set changes a flag of rapid's for the test.
func set(t *testing.T, name, value string) {
	t.Helper()
	f := flag.Lookup(name)
	old := f.Value.String()
	if err := f.Value.Set(value); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Value.Set(old) })
}
