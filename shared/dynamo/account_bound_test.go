package dynamo_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/turn"
)

// maxItem is the size of the largest DynamoDB item, in bytes.
const maxItem = 400 << 10

// A part of an account with the largest number of open turns and priced models, each with the
// longest name and hold, can admit and settle a turn. Its item is at most half full.
func TestAdmit_LargestAccountItem(t *testing.T) {
	b := newBench(t, 0, generous, func(a *ledger.Account) {
		a.Limits.MaxConcurrentTurns = ledger.MaxTurnsPerShard
		for range ledger.MaxTurnsPerShard - 1 {
			a.Open["own:"+turn.NewID()] = 1_000_000_000 * ledger.Credit
		}
		a.Available = 1_000_000 * ledger.Credit
		a.ModelPrices = map[string]ledger.Prices{}
		for i := range ledger.MaxPricedModels {
			name := fmt.Sprintf("%02d", i) + strings.Repeat("m", 254)
			a.ModelPrices[name] = ledger.Prices{PerTurn: ledger.MaxPrice, PerInput1K: ledger.MaxPrice, PerOutput1K: ledger.MaxPrice}
		}
	})
	hold := b.mustAdmit(t)
	if _, err := b.admit(); !fault.Is(err, fault.RateLimited) {
		t.Errorf("one turn more: got %v, want that it is refused", err)
	}
	for _, it := range b.Items(t) {
		if sk := it["sk"].(*types.AttributeValueMemberS).Value; sk != "ACCOUNT" {
			continue
		}
		size := sizeOf(&types.AttributeValueMemberM{Value: it})
		t.Logf("%d bytes with %d open turns", size, ledger.MaxTurnsPerShard)
		if size > maxItem/2 {
			t.Errorf("got an item of %d bytes, want at most %d", size, maxItem/2)
		}
	}
	if _, err := b.settle(hold, b.settled(hold, 5)); err != nil {
		t.Fatal(err)
	}
	b.mustAdmit(t)
}

// sizeOf returns an upper bound of a value's size by DynamoDB's rules.
func sizeOf(v types.AttributeValue) (size int) {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return len(v.Value)
	case *types.AttributeValueMemberN:
		return 2 + len(v.Value)/2
	case *types.AttributeValueMemberM:
		for name, member := range v.Value {
			size += 1 + len(name) + sizeOf(member)
		}
		return 3 + size
	}
	return 1
}
