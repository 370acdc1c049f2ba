// Package delivery brings requests to customers' URLs, later and never lost: a
// delivery is a row before anybody sends it, and is tried along a ladder of
// waits until it is answered with a 2xx or the ladder ends.
package delivery

import (
	"encoding/binary"
	"slices"
	"time"

	"github.com/google/uuid"
)

// Callbacks is the target of an org's callbacks. Any other target is an
// webhook.
const Callbacks = "callbacks"

// Ref names a delivery.
type Ref struct {
	OrgID  string `json:"org"`
	Target string `json:"target"`
	ID     string `json:"delivery"`
}

// Org returns the id of the delivery's org.
func (r Ref) Org() string { return r.OrgID }

// Delivery is one request on its way to a customer.
type Delivery struct {
	Ref
	EventID   string // the webhook-id: the same in every attempt
	Type      string
	URL       string
	Body      []byte
	CreatedAt time.Time

	Status   Status
	Made     int       // attempts that count for the ladder
	NextAt   time.Time // of a pending one
	Attempts []Attempt // the latest, oldest first
	Lease    string    // of the worker that is at it
	Next     string    // the id of one of the same target that shall not overtake it; empty: none waits
}

// NewID mints the id of a delivery; ids sort by time.
func NewID() string { return uuid.Must(uuid.NewV7()).String() }

// FirstID is before every id of a time, to the millisecond, and after every id
// of an earlier one.
func FirstID(at time.Time) string { return IDAt(at, [10]byte{}) }

// IDAt returns the id of a time that ends in the given bytes, which sort ids of
// one time. Some of their bits make way for what a UUID wants.
func IDAt(at time.Time, rest [10]byte) string {
	ms := binary.BigEndian.AppendUint64(nil, uint64(at.UnixMilli())) // its last 48 bits
	id := uuid.UUID(slices.Concat(ms[2:], rest[:]))
	id[6], id[8] = id[6]&0x0f|0x70, id[8]&0x3f|0x80
	return id.String()
}

// Status is how far a delivery has come.
type Status string

// The statuses.
const (
	Pending   Status = "pending"
	Delivered Status = "delivered"
	Failed    Status = "failed"
)

// Attempt is one try, as the log keeps it.
type Attempt struct {
	At       time.Time
	Duration time.Duration
	Status   int     // of the answer; 0 when there was none
	Failure  Failure // why there was none
	Answer   string  // its first KB
}

// Failure is why there was no answer, in a customer's terms: it never names an
// address, which may be one of ours.
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

// MaxAnswer is how many bytes of an answer the log keeps.
const MaxAnswer = 1024

// Request is what is sent in an attempt.
type Request struct {
	URL     string
	ID      string // the webhook-id
	At      time.Time
	Body    []byte
	Secrets []string // each signs; two during a rotation
}

// Result is how an attempt ended.
type Result struct {
	Status     int     // of the answer; 0 when there was none
	Failure    Failure // why there was none
	Answer     string  // its first KB
	RetryAfter time.Duration
}

// Done reports whether the receiver has taken the delivery.
func (r Result) Done() bool { return r.Status/100 == 2 }

// Gone reports whether the receiver wants nothing more at this URL.
func (r Result) Gone() bool { return r.Status == 410 }
