package meta

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"net/url"
	"strings"

	"github.com/quintet-agents/quintet/shared/connection"
)

// ErrHandshake is the error of a handshake that is not Meta's, or not for this connection.
var ErrHandshake = errors.New("the handshake has another mode, verify token or challenge")

// maxChallenge is the longest challenge, in bytes. Meta sends a number of about ten digits.
const maxChallenge = 128

// Handshake returns the challenge that answers Meta's check of a webhook URL, as plain text.
// The query is that of the URL as received. Each parameter must be there once. A challenge
// has only letters, digits, dashes and underscores, so that it cannot become a page.
func Handshake(secrets connection.Secrets, rawQuery string) (challenge string, err error) {
	query, err := url.ParseQuery(rawQuery)
	if err != nil {
		return "", ErrHandshake
	}
	mode, once := single(query, "hub.mode")
	token, alone := single(query, "hub.verify_token")
	challenge, only := single(query, "hub.challenge")
	want := secrets["verify_token"]
	genuine := same(mode, "subscribe") && same(token, want)
	if !genuine || want == "" || !once || !alone || !only || !isChallenge(challenge) {
		return "", ErrHandshake
	}
	return challenge, nil
}

func single(query url.Values, name string) (value string, ok bool) {
	return query.Get(name), len(query[name]) == 1
}

// same compares two texts in a time that depends on neither.
func same(given, want string) bool {
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(want))
	return hmac.Equal(a[:], b[:])
}

func isChallenge(text string) bool {
	return text != "" && len(text) <= maxChallenge && !strings.ContainsFunc(text, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '-' && r != '_'
	})
}
