package delivery

import "context"

// URLs checks the URLs that customers give.
type URLs interface {
	// Check returns an Invalid error of the field for a URL that nothing may be
	// sent to.
	Check(ctx context.Context, field, url string) error
}
