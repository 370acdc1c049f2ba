package faults_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"
)

// unruly is a receiver that fails in three of ten attempts, in every way that a
// receiver can, and remembers the deliveries that it accepted. It may accept a delivery
// and then fail: its sender cannot know that, and must retry.
type unruly struct {
	bomb []byte

	mu       sync.Mutex
	random   *rand.Rand
	requests int
	failures int
	followed int               // redirects
	ids      map[string]string // by body: the first webhook-id
	strange  []string          // bodies with two webhook-ids
	taken    map[string]bool   // by webhook-id
	hopeless map[string]bool   // by webhook-id: never accepted
}

func newUnruly(t *testing.T, random *rand.Rand) *unruly {
	t.Helper()
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	for range 64 {
		_, _ = z.Write(make([]byte, 1<<20))
	}
	_ = z.Close()
	return &unruly{bomb: bomb.Bytes(), random: random, ids: map[string]string{}, taken: map[string]bool{}, hopeless: map[string]bool{}}
}

// serve returns the URL of another address of the receiver.
func (u *unruly) serve(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(u)
	t.Cleanup(func() {
		s.CloseClientConnections() // Close would wait for silent connections
		s.Close()
	})
	return s.URL + "/hook"
}

// expect registers a delivery and decides whether it is never accepted.
func (u *unruly) expect(id string, hopeless bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.hopeless[id] = hopeless
}

// askedFor is the Retry-After of a busy receiver.
const askedFor = 2 * time.Minute

// failures are all ways to fail.
var failures = []func(*unruly, http.ResponseWriter, *http.Request){
	(*unruly).beSilent,
	(*unruly).reset,
	(*unruly).drip,
	func(_ *unruly, w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "oh", http.StatusInternalServerError)
	},
	func(_ *unruly, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", strconv.Itoa(int(askedFor.Seconds())))
		w.WriteHeader(http.StatusTooManyRequests)
	},
	func(_ *unruly, w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	},
	func(u *unruly, w http.ResponseWriter, _ *http.Request) { u.explode(w, http.StatusBadGateway) },
	func(_ *unruly, w http.ResponseWriter, _ *http.Request) { flood(w, http.StatusInternalServerError) },
}

// successes are answers that accept a delivery. Some look like a failure.
var successes = []func(*unruly, http.ResponseWriter, *http.Request){
	func(_ *unruly, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) },
	func(u *unruly, w http.ResponseWriter, _ *http.Request) { u.explode(w, http.StatusOK) },
	func(_ *unruly, w http.ResponseWriter, _ *http.Request) { flood(w, http.StatusAccepted) },
	func(u *unruly, w http.ResponseWriter, r *http.Request) { // an endless body
		_, _ = io.WriteString(w, "o")
		_ = http.NewResponseController(w).Flush()
		u.beSilent(w, r)
	},
}

func (u *unruly) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the sending process died
	}
	if end := u.decide(r, string(body)); end != nil {
		end(u, w, r)
	}
}

// decide chooses the outcome of a request, and accepts the delivery or not.
func (u *unruly) decide(r *http.Request, body string) func(*unruly, http.ResponseWriter, *http.Request) {
	u.mu.Lock()
	defer u.mu.Unlock()
	id := r.Header.Get("webhook-id")
	if before, known := u.ids[body]; known && before != id {
		u.strange = append(u.strange, body)
	}
	u.ids[body] = id
	u.requests++
	switch {
	case r.URL.Path != "/hook":
		u.followed++
	case u.hopeless[id] || u.random.IntN(10) < 3:
		u.failures++
		if !u.hopeless[id] && u.random.IntN(3) == 0 {
			u.taken[id] = true
		}
		return failures[u.random.IntN(len(failures))]
	case u.random.IntN(10) == 0:
		u.taken[id] = true
		return successes[u.random.IntN(len(successes))]
	default:
		u.taken[id] = true
	}
	return nil
}

// beSilent blocks until the sender disconnects.
func (*unruly) beSilent(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func (*unruly) reset(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// drip sends an endless header, a byte at a time.
func (*unruly) drip(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	_, err = io.WriteString(conn, "HTTP/1.1 200 OK\r\nX-Drip: ")
	for err == nil {
		<-tick.C
		_, err = io.WriteString(conn, "d")
	}
}

func (u *unruly) explode(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Encoding", "gzip")
	w.WriteHeader(status)
	_, _ = w.Write(u.bomb)
}

func flood(w http.ResponseWriter, status int) {
	w.WriteHeader(status)
	page := make([]byte, 1<<16)
	for range 64 {
		if _, err := w.Write(page); err != nil {
			return
		}
	}
}
