package delivery

import (
	"context"
	"fmt"
)

// MaxURL is the longest customer URL, in bytes.
const MaxURL = 2048

// URLRule says what a customer's URL may be.
var URLRule = fmt.Sprintf("must be an http or https URL of at most %d bytes", MaxURL)

// URLs checks customers' URLs.
type URLs interface {
	// Check returns an Invalid error of the field for a URL to which we must not send
	// requests.
	Check(ctx context.Context, field, url string) error
}
