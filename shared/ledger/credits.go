// Package ledger counts credits. Amounts are whole micro-credits, so that no
// sum ever rounds; decimals exist only at the edge.
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

// Plus returns the sum of two amounts, neither of which is negative, or MaxBalance if
// that is less: no account owns more.
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

// The places of an amount, and the digits that one may have in all: with more it
// would not fit into Credits.
const (
	maxPlaces = 6
	maxDigits = 18
)

// ParseCredits reads an amount of credits as JSON writes numbers, such as 12.345
// or 5e-06, digit by digit: it never rounds. ok is false for anything else, for
// more than six places and for more than twelve digits before them.
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
	zeros := maxPlaces + exponent - len(places) // to be appended, or taken away
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

// cutExponent takes the power of ten off a number: it is 0 for one without.
func cutExponent(s string) (mantissa string, exponent int, ok bool) {
	i := strings.IndexAny(s, "eE")
	if i < 0 {
		return s, 0, true
	}
	exponent, err := strconv.Atoi(s[i+1:])
	return s[:i], exponent, err == nil && -maxExponent <= exponent && exponent <= maxExponent
}

// maxExponent is far beyond any amount that could be exact.
const maxExponent = 1000

// Number returns the amount in credits as a number of JSON, exact and without
// needless zeros: 12.345678, 0.00036, 3.
func (c Credits) Number() json.Number {
	sign := ""
	if c < 0 {
		sign, c = "-", -c
	}
	s := fmt.Sprintf("%s%d.%06d", sign, c/Credit, c%Credit)
	return json.Number(strings.TrimSuffix(strings.TrimRight(s, "0"), "."))
}
