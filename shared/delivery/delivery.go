// Package delivery sends requests to customers' URLs in the background without losing any.
// A Delivery is stored before it is sent. A Worker makes attempts, with growing waits (the
// ladder) between them, until the receiver answers with a 2xx or the ladder ends.
//
// A process may die at any point. An attempt has a lease, and once it has expired, the sweep
// of package work wakes another worker. So a receiver may get the same delivery twice, with
// the same id.
//
// The package knows no turns and no HTTP: packages event and job create deliveries, and
// package outbound sends the requests. A delivery's target is a Webhook of an org, or the
// org's callbacks.
package delivery

import (
	"encoding/binary"
	"slices"
	"time"

	"github.com/google/uuid"
)

// Callbacks is the target of an org's callbacks. Any other target, except Fanout, is the id
// of a webhook.
const Callbacks = "callbacks"

// Ref names a delivery.
type Ref struct {
	OrgID  string `json:"org"`
	Target string `json:"target"`
	ID     string `json:"delivery"`
}

// Org returns the id of the delivery's org.
func (r Ref) Org() string { return r.OrgID }

// Delivery is one request to a customer's URL, with its attempts.
type Delivery struct {
	Ref
	EventID   string // the webhook-id: the same in every attempt
	Type      string
	URL       string
	Body      []byte
	CreatedAt time.Time

	Status   Status
	Made     int       // attempts that count for the ladder
	NextAt   time.Time // time of the next attempt, while it is pending
	Attempts []Attempt // the latest, oldest first
	Lease    string    // id of the lease of the worker that has claimed it
	Next     string    // id of the delivery of the same target that waits for this one; empty: none
}

// NewID mints the id of a delivery; ids sort by time.
func NewID() string { return uuid.Must(uuid.NewV7()).String() }

// FirstID returns a lower bound of the ids of a time, in milliseconds. It sorts after all ids
// of earlier times.
func FirstID(at time.Time) string { return IDAt(at, [10]byte{}) }

// IDAt returns an id that begins with a time and ends in the given bytes, which sort ids of
// the same time. A UUID's version and variant replace some of their bits.
func IDAt(at time.Time, rest [10]byte) string {
	ms := binary.BigEndian.AppendUint64(nil, uint64(at.UnixMilli())) // its last 48 bits
	id := uuid.UUID(slices.Concat(ms[2:], rest[:]))
	id[6], id[8] = id[6]&0x0f|0x70, id[8]&0x3f|0x80
	return id.String()
}

// Status is the state of a delivery.
type Status string

// The statuses.
const (
	Pending   Status = "pending"
	Delivered Status = "delivered"
	Failed    Status = "failed"
)

// Attempt is a log entry of one attempt.
type Attempt struct {
	At       time.Time
	Duration time.Duration
	Status   int     // of the answer; 0 when there was none
	Failure  Failure // why there was none
	Answer   string  // its first KB
}

// Failure is the reason for a missing answer, for customers. It never contains an address,
// which may be one of ours.
type Failure string

// The failures.
const (
	NotAllowed  Failure = "address not allowed"
	NotFound    Failure = "host not found"
	Refused     Failure = "connection refused"
	Unreachable Failure = "host unreachable"
	Closed      Failure = "connection closed"
	TimedOut    Failure = "timed out"
	BadTLS      Failure = "TLS failure"
	BadAnswer   Failure = "invalid answer"
	BadURL      Failure = "invalid URL"
	Off         Failure = "the webhook is disabled or deleted"
)

// MaxAnswer is the number of bytes of an answer that the log keeps.
const MaxAnswer = 1024

// Request is the input of an attempt.
type Request struct {
	URL     string
	ID      string // the webhook-id
	At      time.Time
	Body    []byte
	Secrets []string // each signs the request; two during a rotation
}

// Result is the outcome of an attempt.
type Result struct {
	Status     int     // of the answer; 0 when there was none
	Failure    Failure // why there was none
	Answer     string  // its first KB
	RetryAfter time.Duration
}

// Done reports whether the receiver has accepted the delivery.
func (r Result) Done() bool { return r.Status/100 == 2 }

// Gone reports whether the receiver wants no more requests at this URL.
func (r Result) Gone() bool { return r.Status == 410 }
