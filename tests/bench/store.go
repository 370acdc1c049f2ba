package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"
)

// store is a proxy between the functions and the emulator of DynamoDB. It can forward calls, record their
// consumption, and answer them from memory.
type store struct {
	server  *httptest.Server
	engine  string // the emulator
	indexes map[string]secondary

	mu    sync.Mutex
	mode  mode
	delay time.Duration
	calls []consumed
	reel  reel // the last recording that was made or played
}

// reel holds the answers of a recorded turn by their questions.
type reel map[string]recorded

// recorded is an answer of the store. An account's answer has the names of its open holds,
// so a replay replaces the recorded turn's name with the current turn's.
type recorded struct {
	answer []byte
	turn   string // the name of the hold; empty for a call without one
}

// holdName returns the name that an admission gives its hold.
func (c call) holdName() string {
	var body struct{ ExpressionAttributeNames map[string]string }
	if c.operation != "UpdateItem" || json.Unmarshal(c.body, &body) != nil {
		return ""
	}
	return body.ExpressionAttributeNames["#turn"]
}

type mode int

const (
	through   mode = iota // to the emulator
	recording             // to the emulator, with the consumption recorded; for one turn at a time
	taped                 // the answers of the reel, without the emulator
)

func openStore(engine string, indexes map[string]secondary) *store {
	s := &store{engine: engine, indexes: indexes, reel: reel{}}
	s.server = httptest.NewServer(s)
	return s
}

// set changes how later calls are handled, and the delay of each.
func (s *store) set(m mode, delay time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mode, s.delay = m, delay
}

// record starts a new reel and returns it.
func (s *store) record() reel {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mode, s.delay, s.reel = recording, 0, reel{}
	return s.reel
}

// play answers calls from a reel from now on, each after delay.
func (s *store) play(r reel, delay time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mode, s.delay, s.reel = taped, delay, r
}

// take returns the records of the calls since the last take.
func (s *store) take() []consumed {
	s.mu.Lock()
	defer s.mu.Unlock()
	calls := s.calls
	s.calls = nil
	return calls
}

// ServeHTTP serves DynamoDB's API, and hands calls of queues through.
func (s *store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	s.mu.Lock()
	m, delay := s.mode, s.delay
	s.mu.Unlock()
	time.Sleep(delay)
	c := call{operation: operation(r.Header), header: r.Header, body: body}
	var answer []byte
	status := http.StatusOK
	if !strings.HasPrefix(c.header.Get(target), "DynamoDB_") {
		m = through // a queue's
	}
	switch m {
	case taped:
		if answer = s.remembered(c); answer == nil {
			status, answer = http.StatusInternalServerError, []byte(`{"message":"nothing was kept for this call"}`)
		}
	case recording:
		status, answer, err = s.keep(r.Context(), c)
	default:
		status, answer, err = s.ask(r.Context(), c)
	}
	if err != nil {
		status, answer = http.StatusInternalServerError, fmt.Appendf(nil, `{"message":%q}`, err)
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.WriteHeader(status)
	_, _ = w.Write(answer)
}

// call is one request of a function.
type call struct {
	operation string
	header    http.Header
	body      []byte
}

// target returns the header that names the operation.
const target = "X-Amz-Target"

func operation(h http.Header) string {
	_, name, _ := strings.Cut(h.Get(target), ".")
	return name
}

// ask sends a call to the emulator, which does not check signatures.
func (s *store) ask(ctx context.Context, c call) (status int, answer []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.engine, bytes.NewReader(c.body))
	if err != nil {
		return 0, nil, err
	}
	for _, name := range []string{target, "Content-Type", "Authorization", "X-Amz-Date"} {
		req.Header.Set(name, c.header.Get(name))
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	answer, err = io.ReadAll(res.Body)
	return res.StatusCode, answer, err
}

// question is the key of a recorded answer: the whole body of a read, and only the operation of a write,
// because a write has the turn's id.
func (c call) question() string {
	if c.operation == "UpdateItem" || c.operation == "TransactWriteItems" {
		return c.operation
	}
	var body map[string]any
	if json.Unmarshal(c.body, &body) != nil {
		return c.operation
	}
	delete(body, capacity)
	sorted, _ := json.Marshal(body) // valid JSON, so there is no error
	return c.operation + string(sorted)
}

func (s *store) remembered(c call) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.reel[c.question()]
	if name := c.holdName(); name != "" && r.turn != "" {
		return bytes.ReplaceAll(r.answer, []byte(r.turn), []byte(name))
	}
	return r.answer
}
