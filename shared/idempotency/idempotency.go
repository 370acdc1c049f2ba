// Package idempotency lets a client retry a request without repeating its effect. A
// key belongs to one org, method and path, and to the body of its first request. The
// store keeps the response in the transaction that has the effect, so that a crash
// cannot separate them.
package idempotency

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/fault"
)

// Life is the time for which a key is kept.
const Life = 24 * time.Hour

// MaxLength is the longest key of a client, in characters.
const MaxLength = 255

// Key is the Idempotency-Key of a request, with which the request takes effect once.
type Key struct {
	OrgID string
	ID    string // hex SHA-256 of method, path and the client's key
	Body  string // hex SHA-256 of the body; empty: any body

	Kept time.Duration // how long the answer to a change is kept; 0: Life
}

// New returns the key of a request, or an Invalid error for a client's key that is not
// 1 to MaxLength printable ASCII characters: other bytes of a header may arrive as one
// replacement character, which would make different keys equal.
func New(orgID, method, path, clientKey string, body []byte) (Key, error) {
	if clientKey == "" || len(clientKey) > MaxLength || strings.ContainsFunc(clientKey, func(r rune) bool { return r < ' ' || r > '~' }) {
		return Key{}, fault.Field("Idempotency-Key", "Idempotency-Key must be 1 to %d printable ASCII characters", MaxLength)
	}
	return Key{OrgID: orgID, ID: digest([]byte(method + " " + path + "\n" + clientKey)), Body: digest(body)}, nil
}

// Event returns the key of a request that reports an event, whatever the request says about it. The
// parts of its name, such as the event's id, are not split or joined in another way by any other
// name.
func Event(orgID string, kept time.Duration, name ...string) Key {
	h := sha256.New()
	h.Write([]byte("event"))
	for _, part := range name {
		sum := sha256.Sum256([]byte(part))
		h.Write(sum[:])
	}
	return Key{OrgID: orgID, ID: hex.EncodeToString(h.Sum(nil)), Kept: kept}
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// ErrMismatch is the error of a key that was used with another body before.
var ErrMismatch = fault.New(fault.Conflict, "This Idempotency-Key was used with another request body")

// ErrRunning is the error of a key whose request is still being processed.
var ErrRunning = fault.New(fault.Conflict, "A request with this Idempotency-Key is still being processed")

// RunningUntil returns an error that wraps ErrRunning, for a key that is free after the
// time left unless its request renews the claim. That time, at least a second, is the
// error's RetryAfter.
func RunningUntil(left time.Duration) error {
	e := ErrRunning.Because(ErrRunning)
	e.RetryAfter = max(left, time.Second)
	return e
}

// ErrAnswered is the error of a change that a concurrent request with the same key has
// made. Nothing was written, and the other request's answer is kept.
var ErrAnswered = fault.New(fault.Conflict, "A request with this Idempotency-Key was answered already")

// Answer is the response to a request.
type Answer struct {
	Status int
	Body   []byte // JSON, or empty
}

// Change is a change under an idempotency key. The handler passes it to the store as an
// argument, and the store keeps the answer in the transaction of the change. A nil Change means
// no key: the request has none, or a worker or a command makes the change.
type Change struct {
	Key    Key
	Answer func(result any) (Answer, error) // of the change's result
}
