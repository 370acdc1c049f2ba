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

// String returns the amount in credits with three places, rounded towards
// zero: "12.345".
func (c Credits) String() string {
	sign := ""
	if c < 0 {
		sign, c = "-", -c
	}
	return fmt.Sprintf("%s%d.%03d", sign, c/Credit, c%Credit/1000)
}

// ParseCredits reads an amount of credits with at most six places, such as
// "12.345". ok is false for anything else, or more than an account can hold.
func ParseCredits(s string) (c Credits, ok bool) {
	digits, negative := strings.CutPrefix(s, "-")
	whole, places, _ := strings.Cut(digits, ".")
	if whole == "" || len(whole) > 12 || len(places) > 6 || strings.Trim(whole+places, "0123456789") != "" || strings.HasSuffix(digits, ".") {
		return 0, false
	}
	n, err := strconv.ParseInt(whole+places+"000000"[len(places):], 10, 64)
	if negative {
		n = -n
	}
	return Credits(n), err == nil
}

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
