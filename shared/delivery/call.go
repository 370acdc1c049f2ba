package delivery

import "time"

// Call is a request to a customer's URL whose answer somebody waits for, such as the call of
// an HTTP tool. It is signed like a delivery, but neither stored nor retried.
type Call struct {
	Method  string
	URL     string            // sent as it is written
	Headers map[string]string // beside those of the signature
	Body    []byte
	ID      string // the webhook-id and the Idempotency-Key
	At      time.Time
	Secrets []string // each signs the request; two during a rotation
	Max     int      // bytes of the answer's body that are read
	Want    []string // names of headers of the answer to return
}

// Answer is the answer to a call.
type Answer struct {
	Status   int     // 0 when there was none
	Failure  Failure // why there was none, or why its body ended early
	Type     string  // Content-Type
	Encoding string  // Content-Encoding, although none was asked for
	Location string  // of a redirect, which was not followed
	Body     []byte  // its beginning
	More     bool    // the body is longer than Max, and the rest was not read

	Headers    map[string]string // those that the call wants and the answer has
	RetryAfter time.Duration     // what a 429 or a 503 asks for
}
