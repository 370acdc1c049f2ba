package hook

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/fault"
)

// Tolerance is how far the time of a Standard Webhooks request may be from ours.
const Tolerance = 5 * time.Minute

// The errors of requests that are not authentic. They do not depend on the secret, except that it
// is another one.
var (
	errNoSignature  = fault.New(fault.Unauthorized, "The headers webhook-id, webhook-timestamp and webhook-signature are required, each once")
	errID           = fault.New(fault.Unauthorized, "The header webhook-id must not contain a full stop")
	errTimestamp    = fault.New(fault.Unauthorized, "The header webhook-timestamp must be the seconds since 1970")
	errTolerance    = fault.New(fault.Unauthorized, "The time in webhook-timestamp is more than 5 minutes from now")
	errSignature    = fault.New(fault.Unauthorized, "No signature in webhook-signature is that of this body with the secret of the automation")
	errNoXSignature = fault.New(fault.Unauthorized, "The header X-Signature must be sha256= and the HMAC-SHA256 of the raw body in hexadecimal digits")
	errXSignature   = fault.New(fault.Unauthorized, "The signature in X-Signature is not that of this body with the secret of the automation")
	errNoBearer     = fault.New(fault.Unauthorized, "The header Authorization must be Bearer and the secret of the automation")
	errBearer       = fault.New(fault.Unauthorized, "The secret in Authorization is not that of the automation")
)

// proof is what a request's headers say about where it comes from. check compares it with a secret
// in constant time.
type proof struct {
	id    string // that the signature covers
	check func(secret string, raw []byte) error
}

// readProof reads the headers of a request. It needs no secret.
func readProof(by automation.VerifyType, h http.Header, now time.Time) (proof, error) {
	switch by {
	case automation.StandardWebhooks:
		return readStandard(h, now)
	case automation.HMACSHA256:
		return readHMAC(h)
	case automation.Bearer:
		return readBearer(h)
	}
	return proof{}, fmt.Errorf("requests cannot be verified by %q", by)
}

// readStandard reads the headers of the Standard Webhooks specification. The signature header may
// have several signatures, and may be repeated.
func readStandard(h http.Header, now time.Time) (proof, error) {
	id, hasID := only(h, standardwebhooks.HeaderWebhookID)
	timestamp, hasTime := only(h, standardwebhooks.HeaderWebhookTimestamp)
	signatures := strings.Join(h.Values(standardwebhooks.HeaderWebhookSignature), " ")
	if !hasID || !hasTime || signatures == "" {
		return proof{}, errNoSignature
	}
	// The signature covers id.timestamp.body. With a full stop in the id, somebody who has seen a
	// request could move its time into the id, and take the first digits of its body for the time.
	if strings.Contains(id, ".") {
		return proof{}, errID
	}
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return proof{}, errTimestamp
	}
	if at := time.Unix(seconds, 0); at.Before(now.Add(-Tolerance)) || at.After(now.Add(Tolerance)) {
		return proof{}, errTolerance
	}
	signed := http.Header{}
	signed.Set(standardwebhooks.HeaderWebhookID, id)
	signed.Set(standardwebhooks.HeaderWebhookTimestamp, timestamp)
	signed.Set(standardwebhooks.HeaderWebhookSignature, signatures)
	return proof{id, func(secret string, raw []byte) error {
		for _, key := range keysOf(secret) {
			w, err := standardwebhooks.NewWebhookRaw(key)
			if err != nil {
				return err
			}
			if w.VerifyIgnoringTimestamp(raw, signed) == nil {
				return nil
			}
		}
		return errSignature
	}}, nil
}

// keysOf returns the keys that a secret of Standard Webhooks may stand for. After whsec_ it is
// base64. Without that prefix it may be either base64, as the specification's libraries read it,
// or the key itself.
func keysOf(secret string) [][]byte {
	encoded, marked := strings.CutPrefix(secret, "whsec_")
	key, err := base64.StdEncoding.DecodeString(encoded)
	switch {
	case err != nil || len(key) == 0:
		return [][]byte{[]byte(secret)}
	case marked:
		return [][]byte{key}
	}
	return [][]byte{key, []byte(secret)}
}

// readHMAC reads X-Signature: sha256=<hex>.
func readHMAC(h http.Header) (proof, error) {
	text, _ := only(h, "X-Signature")
	digits, ok := strings.CutPrefix(text, "sha256=")
	given, err := hex.DecodeString(digits)
	if !ok || err != nil || len(given) != sha256.Size {
		return proof{}, errNoXSignature
	}
	return proof{check: func(secret string, raw []byte) error {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(raw)
		if !hmac.Equal(given, mac.Sum(nil)) {
			return errXSignature
		}
		return nil
	}}, nil
}

// readBearer reads Authorization: Bearer <secret>.
func readBearer(h http.Header) (proof, error) {
	text, _ := only(h, "Authorization")
	scheme, given, _ := strings.Cut(text, " ")
	given = strings.TrimSpace(given)
	if !strings.EqualFold(scheme, "Bearer") || given == "" {
		return proof{}, errNoBearer
	}
	return proof{check: func(secret string, _ []byte) error {
		// Digests have one length, so the time does not depend on that of the secret.
		got, want := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(secret))
		if subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
			return errBearer
		}
		return nil
	}}, nil
}

// only returns the value of a header that a request has once.
func only(h http.Header, name string) (value string, ok bool) {
	all := h.Values(name)
	if len(all) != 1 {
		return "", false
	}
	value = strings.TrimSpace(all[0])
	return value, value != ""
}
