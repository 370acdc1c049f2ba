package connection

import "time"

// Verification is what the provider said when it was asked about the account.
type Verification struct {
	ID       string    // of the request to verify
	At       time.Time // of the provider's answer
	Problems []Problem // none: all is well
}

// Verified returns the connection after a verification: its first problem is the connection's,
// and none solves the problem of an account that the provider refused.
func (c Connection) Verified(v Verification) Connection {
	c.Verification, c.UpdatedAt = &v, v.At
	switch {
	case len(v.Problems) > 0:
		p := v.Problems[0]
		p.Since = v.At
		c.Problem = &p
	case c.Problem != nil && !c.Problem.Passes():
		c.Problem = nil
	}
	return c
}
