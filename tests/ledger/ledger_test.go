// Package ledger_test proves by chance and by the hundred thousand what the
// ledger promises: the real table does what a model says, whatever is repeated,
// late or spoiled.
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
	seeds     = flag.Int("seeds", 1, "how many seeds the ledger's histories are made of")
	firstSeed = flag.Uint64("seed", 0, "the first of them; 0: by the clock")
	turns     = flag.Int("turns", 250, "turns to simulate with each")
)

func TestMain(m *testing.M) { dynamotest.Main(m) }

// steps is how long a history is on average.
const steps = 250

// Whatever happens to calls of the store, the account is what a model says it
// is, after each of them: never below zero, the sum of its entries, every hold
// resolved once.
func TestLedgerAgainstAModel(t *testing.T) {
	table := dynamotest.Open(t)
	first := *firstSeed
	if first == 0 {
		first = uint64(time.Now().UnixNano()) / 1000
	}
	set(t, "rapid.checks", "1")
	set(t, "rapid.nofailfile", "true") // a seed is enough
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
			t.Logf("%d turns in %d histories; again: -run TestLedgerAgainstAModel -seed %d", simulated, histories, seed)
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
