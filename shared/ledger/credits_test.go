package ledger_test

import (
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/quintet-agents/quintet/shared/ledger"
)

// Whatever the amount, its number is exact and has no needless digit.
func TestAnyCreditsAsNumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		micros := rapid.Int64Range(-1<<62, 1<<62).Draw(t, "micros")
		text := ledger.Credits(micros).Number().String()
		got, ok := new(big.Rat).SetString(text)
		if !ok || got.Mul(got, big.NewRat(int64(ledger.Credit), 1)).Cmp(new(big.Rat).SetInt64(micros)) != 0 {
			t.Fatalf("%d micro-credits are %s", micros, text)
		}
		if strings.Contains(text, ".") && strings.HasSuffix(text, "0") {
			t.Fatalf("%s has a needless zero", text)
		}
	})
}
