package mail

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"
)

// The limits of Mailgun's signatures.
const (
	// MailgunLife is how old a signature may be: Mailgun repeats a request for eight hours.
	// A token is to be remembered for at least this long.
	MailgunLife = 9 * time.Hour

	mailgunAhead    = 5 * time.Minute // a clock may be wrong by as much
	maxMailgunToken = 128             // bytes; Mailgun's have 50
)

// VerifyMailgun checks the signature in a form. It returns the token, which Mailgun uses for
// one request only. The signature does not cover the mail, so a caller that accepts a token
// twice for different mails accepts a forged one.
//
// If a field occurs several times, the last one counts, as in Mailgun's own verification.
func VerifyMailgun(signingKey string, f Form, now time.Time) (token string, err error) {
	timestamp, token, signature := f.last("timestamp"), f.last("token"), f.last("signature")
	if timestamp == "" || token == "" || signature == "" {
		return "", ErrUnsigned
	}
	given, err := hex.DecodeString(signature)
	if err != nil || signingKey == "" || len(token) > maxMailgunToken {
		return "", ErrSignature
	}
	mac := hmac.New(sha256.New, []byte(signingKey))
	mac.Write([]byte(timestamp + token))
	if !hmac.Equal(given, mac.Sum(nil)) {
		return "", ErrSignature
	}
	at, ok := unixTime(timestamp)
	if !ok || now.Sub(at) > MailgunLife || at.Sub(now) > mailgunAhead {
		return "", ErrStale
	}
	return token, nil
}

// unixTime reads seconds since 1970, within the years that a clock can show.
func unixTime(text string) (time.Time, bool) {
	const latest = 1 << 33 // in the year 2242
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil || seconds < 0 || seconds > latest {
		return time.Time{}, false
	}
	return time.Unix(seconds, 0).UTC(), true
}
