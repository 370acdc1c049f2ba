package ledger_test

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/quintet-agents/quintet/shared/ledger"
)

// Number is exact and shortest for every amount.
func TestCredits_NumberIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		micros := rapid.Int64Range(-1<<62, 1<<62).Draw(t, "micros")
		text := ledger.Credits(micros).Number().String()
		got, ok := new(big.Rat).SetString(text)
		if !ok || got.Mul(got, big.NewRat(int64(ledger.Credit), 1)).Cmp(new(big.Rat).SetInt64(micros)) != 0 {
			t.Fatalf("%d micro-credits: got %s, want the same amount", micros, text)
		}
		if strings.Contains(text, ".") && strings.HasSuffix(text, "0") {
			t.Fatalf("got %s, want no zero at its end", text)
		}
	})
}

// ParseCredits reads every output of Number, and equal numbers in other notations.
func TestParseCredits_RoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := ledger.Credits(rapid.Int64Range(-999_999_999_999_999_999, 999_999_999_999_999_999).Draw(t, "micros"))
		for _, text := range []string{want.Number().String(), fmt.Sprintf("%de-6", want), fmt.Sprintf("%d00E-08", want)} {
			if got, ok := ledger.ParseCredits(text); !ok || got != want {
				t.Fatalf("%s: got %d, %t, want %d", text, got, ok, want)
			}
		}
	})
}

// ParseCredits returns exactly the value of the text, or refuses it.
func TestParseCredits_AnyText(t *testing.T) {
	number := rapid.StringMatching(`-?[0-9]{0,14}(\.[0-9]{0,8})?([eE][+-]?[0-9]{1,2})?`)
	rapid.Check(t, func(t *rapid.T) {
		text := number.Draw(t, "text")
		got, ok := ledger.ParseCredits(text)
		if !ok {
			return
		}
		want, valid := new(big.Rat).SetString(text)
		if !valid || want.Mul(want, big.NewRat(int64(ledger.Credit), 1)).Cmp(new(big.Rat).SetInt64(int64(got))) != 0 {
			t.Fatalf("%s: got %d micro-credits, want the same amount", text, got)
		}
	})
}

func TestParseCredits(t *testing.T) {
	for text, want := range map[string]ledger.Credits{
		"0": 0, "-0": 0, "0.000000": 0, "0e99": 0, "1": 1_000_000, "12.345678": 12_345_678, "-0.5": -500_000, "0.000001": 1, "1e-06": 1, "5E+2": 500_000_000,
		"1.50000000": 1_500_000, "1200000e-11": 12, "007": 7_000_000, "999999999999.999999": 999_999_999_999_999_999,
	} {
		if got, ok := ledger.ParseCredits(text); !ok || got != want {
			t.Errorf("%s: got %d, %t, want %d", text, got, ok, want)
		}
	}
	for _, text := range []string{
		"", " ", "-", ".", "1.", ".5", "+1", "--1", "1 ", " 1", "1,5", "1_000", "0x10", "1/2", "NaN", "Infinity", "true", "null", "\u0661", "1.2.3",
		"0.0000001", "1e-7", "12.3456789", "1000000000000", "1e12", "9223372036854775807", "1e400", "1e-400", "1e99999999999999999999", "e5", "1e", "1e1.5", "1e-",
	} {
		if got, ok := ledger.ParseCredits(text); ok {
			t.Errorf("%q: got %d, want it refused", text, got)
		}
	}
}
