// Package ledger keeps orgs' accounts: balances, holds, limits, prices, entries and
// usage. Amounts are whole micro-credits, so that sums never round; only parsing and
// printing use decimals. The package does no I/O; package dynamo stores its types.
//
// An Account has the credits that are available and the Hold of each open turn. A turn takes
// its hold before the model is asked. Its settlement releases the hold, charges the Prices
// and adds an Entry; the balance is always the sum of the entries. Limits bound the turns of
// an org in a minute, in a month and at once.
package ledger

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Credits is an amount in micro-credits: 1,000,000 are one credit.
type Credits int64

// Credit is one credit.
const Credit Credits = 1_000_000

// Plus returns the sum of two amounts that are not negative, at most MaxBalance.
func (c Credits) Plus(d Credits) Credits {
	if c > MaxBalance-d {
		return MaxBalance
	}
	return c + d
}

// String returns the amount in credits with three places, rounded towards
// zero: "12.345".
func (c Credits) String() string {
	sign := ""
	if c < 0 {
		sign, c = "-", -c
	}
	return fmt.Sprintf("%s%d.%03d", sign, c/Credit, c%Credit/1000)
}

// The most decimal places of an amount, and the most digits: more would overflow
// Credits.
const (
	maxPlaces = 6
	maxDigits = 18
)

// ParseCredits parses an amount of credits in JSON's number syntax, such as 12.345 or
// 5e-06, without rounding. ok is false for other syntax, for more than six decimal places
// and for more than twelve digits before them.
func ParseCredits(s string) (c Credits, ok bool) {
	mantissa, exponent, ok := cutExponent(s)
	if !ok {
		return 0, false
	}
	mantissa, negative := strings.CutPrefix(mantissa, "-")
	whole, places, point := strings.Cut(mantissa, ".")
	if whole == "" || point && places == "" || strings.Trim(whole+places, "0123456789") != "" {
		return 0, false
	}
	digits := strings.TrimLeft(whole+places, "0")
	zeros := maxPlaces + exponent - len(places) // number of zeros to append, or to strip if negative
	switch {
	case digits == "":
		return 0, true
	case len(digits)+zeros > maxDigits || len(digits)+zeros <= 0 || !strings.HasSuffix(digits, strings.Repeat("0", max(-zeros, 0))):
		return 0, false
	}
	digits = digits[:len(digits)-max(-zeros, 0)] + strings.Repeat("0", max(zeros, 0))
	n, err := strconv.ParseInt(digits, 10, 64)
	if negative {
		n = -n
	}
	return Credits(n), err == nil
}

// cutExponent splits a number into mantissa and power of ten; the power is 0 if absent.
func cutExponent(s string) (mantissa string, exponent int, ok bool) {
	i := strings.IndexAny(s, "eE")
	if i < 0 {
		return s, 0, true
	}
	exponent, err := strconv.Atoi(s[i+1:])
	return s[:i], exponent, err == nil && -maxExponent <= exponent && exponent <= maxExponent
}

// maxExponent is far above the exponent of any amount that fits.
const maxExponent = 1000

// Number returns the amount in credits as an exact JSON number without trailing zeros:
// 12.345678, 0.00036, 3.
func (c Credits) Number() json.Number {
	sign := ""
	if c < 0 {
		sign, c = "-", -c
	}
	s := fmt.Sprintf("%s%d.%06d", sign, c/Credit, c%Credit)
	return json.Number(strings.TrimSuffix(strings.TrimRight(s, "0"), "."))
}
