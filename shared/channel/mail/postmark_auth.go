package mail

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
)

// VerifyPostmark checks the basic authentication of a request: Postmark signs nothing, and
// sends the user name and the password of the webhook's URL.
func VerifyPostmark(username, password string, h http.Header) error {
	if h.Get("Authorization") == "" {
		return ErrUnsigned
	}
	givenName, givenPassword, ok := (&http.Request{Header: h}).BasicAuth()
	if !ok || username == "" || password == "" {
		return ErrSignature
	}
	// Both are compared, whatever the first comparison finds, and no length shows.
	if equal(givenName, username)&equal(givenPassword, password) != 1 {
		return ErrSignature
	}
	return nil
}

func equal(a, b string) int {
	sumA, sumB := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(sumA[:], sumB[:])
}
