// Package ledger counts credits. Amounts are whole micro-credits, so that no
// sum ever rounds; decimals exist only at the edge.
package ledger

import (
	"encoding/json"
	"fmt"
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
