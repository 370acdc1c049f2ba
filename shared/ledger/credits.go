// Package ledger counts credits. Amounts are whole micro-credits, so that no
// sum ever rounds; decimals exist only at the edge.
package ledger

import "fmt"

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

// Exact returns the amount in credits to the micro-credit, with at least three
// places: "12.345", "0.000480".
func (c Credits) Exact() string {
	sign := ""
	if c < 0 {
		sign, c = "-", -c
	}
	if rest := c % 1000; rest != 0 {
		return fmt.Sprintf("%s%d.%06d", sign, c/Credit, c%Credit)
	}
	return sign + c.String()
}
