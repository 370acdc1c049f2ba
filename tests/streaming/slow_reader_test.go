package streaming_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/tests/rig"
)

// settleTime is more than a turn needs whose client reads nothing, and much less than the ten
// minutes after which Lambda would kill its function.
const settleTime = 60 * time.Second

// Clients that do not read, or read very slowly, do not stop their turns: each is settled and
// paid, its hold is released, its answer is in the thread, and its process serves the next
// request.
func TestTurn_SlowReaders(t *testing.T) {
	readers := []func(*testing.T, net.Conn){neverRead, neverRead, neverRead, hardlyRead, hardlyRead}
	model := newLetters(t)
	r := rig.Start(t, 100_000*ledger.Credit).Asking(t, model.URL)
	path := "/agents/" + r.Agent.Slug + "/chat"
	start := credits(t, r)
	n, err := io.Copy(io.Discard, post(t, r, path, map[string]any{"text": long, "thread_id": "reference"}))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("a stream has %d bytes", n)
	charge := start.Balance - credits(t, r).Balance

	began := time.Now()
	threads := make([]string, len(readers))
	for i, read := range readers {
		threads[i] = fmt.Sprintf("slow-%d", i)
		conn := dialTiny(t, r.Runner.URL())
		ask(t, conn, r.Key, path, map[string]string{"text": long, "thread_id": threads[i]})
		go read(t, conn)
	}
	settled := awaitAnswers(t, r, threads)
	t.Logf("%d of %d turns settled in %v", settled, len(readers), time.Since(began).Round(time.Millisecond))
	books := balance{Balance: start.Balance - float64(1+len(readers))*charge}
	books.Available = books.Balance
	if d := cmp.Diff(books, credits(t, r), cmpopts.EquateApprox(0, 1e-6)); d != "" || charge <= 0 || settled != len(readers) {
		t.Fatalf("got %d answers in their threads, want %d; one costs %v; credits (-want +got):\n%s", settled, len(readers), charge, d)
	}
	model.awaitFreeProcesses(t, r, path)
	t.Logf("all processes were free after %v", time.Since(began).Round(time.Millisecond))
}

// letters is an OpenAI-compatible server. It answers a message with the text long with many
// letters, one at a time, and any other message with a word, once the test permits it.
type letters struct {
	*httptest.Server
	came, leave chan struct{}
}

// A stream of this length is larger than the buffers of all sockets on its way.
const long, lettersSaid = "long", 150_000

func newLetters(t *testing.T) letters {
	t.Helper()
	l := letters{came: make(chan struct{}), leave: make(chan struct{})}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		said := lettersSaid
		if !bytes.Contains(body, []byte(long)) {
			said = 1
			l.came <- struct{}{}
			<-l.leave
		}
		for range said {
			if _, err := io.WriteString(w, `data: {"choices":[{"index":0,"delta":{"content":"x"}}]}`+"\n\n"); err != nil {
				return
			}
		}
		_, _ = io.WriteString(w, `data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":4000}}`+"\n\ndata: [DONE]\n\n")
	}))
	t.Cleanup(l.Close)
	return l
}

// awaitFreeProcesses waits until the processes of the slow clients, which must survive, can
// take the next requests: as many concurrent chats as there are processes start no other one.
func (l letters) awaitFreeProcesses(t *testing.T, r *rig.Rig, path string) {
	t.Helper()
	const function = "agentflow-chat-create"
	first := r.Runner.Processes(function)
	for deadline := time.Now().Add(settleTime); time.Now().Before(deadline); <-time.After(time.Second) {
		before := r.Runner.Processes(function)
		var all sync.WaitGroup
		for i := range before {
			all.Go(func() {
				body := post(t, r, path, map[string]any{"text": "hello", "thread_id": fmt.Sprintf("next-%d", i)})
				if _, err := io.Copy(io.Discard, body); err != nil {
					t.Error(err)
				}
			})
		}
		for range before {
			<-l.came
		}
		after := r.Runner.Processes(function)
		for range before {
			l.leave <- struct{}{}
		}
		all.Wait()
		for _, pid := range first {
			if !slices.Contains(after, pid) {
				t.Fatalf("got processes %v, want %d of %v still among them", after, pid, first)
			}
		}
		if slices.Equal(before, after) {
			return
		}
	}
	t.Errorf("got busy processes after %v, want none", settleTime)
}

type balance struct{ Balance, Held, Available float64 }

func credits(t *testing.T, r *rig.Rig) balance {
	t.Helper()
	var answer struct{ Data balance }
	if err := json.NewDecoder(send(t, r, http.MethodGet, "/api/v1/credits", nil)).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	return answer.Data
}

// awaitAnswers counts the threads that have the answer, until all have it or the time is up.
func awaitAnswers(t *testing.T, r *rig.Rig, threads []string) int {
	t.Helper()
	want := strings.Repeat("x", lettersSaid)
	for deadline := time.Now().Add(settleTime); ; <-time.After(200 * time.Millisecond) {
		settled := 0
		for _, id := range threads {
			if answer(t, r, id) == want {
				settled++
			}
		}
		if settled == len(threads) || time.Now().After(deadline) {
			return settled
		}
	}
}

// answer returns the answer of a thread's first turn, empty until it is settled.
func answer(t *testing.T, r *rig.Rig, thread string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.Runner.URL()+"/api/threads/"+thread+"/messages", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+r.Key)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode == http.StatusNotFound {
		return ""
	}
	var messages []struct{ Content string }
	if err := json.NewDecoder(res.Body).Decode(&messages); err != nil || len(messages) != 2 {
		t.Fatalf("got %d messages, %v, want 2", len(messages), err)
	}
	return messages[1].Content
}

// dialTiny connects with the smallest receive window that the system allows.
func dialTiny(t *testing.T, address string) net.Conn {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	dialer := net.Dialer{Control: func(_, _ string, raw syscall.RawConn) error {
		var failure error
		err := raw.Control(func(fd uintptr) {
			failure = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 1)
		})
		if err != nil {
			return err
		}
		return failure
	}}
	conn, err := dialer.DialContext(t.Context(), "tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func ask(t *testing.T, conn net.Conn, key, path string, value any) {
	t.Helper()
	body, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	_, err = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: local\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		path, key, len(body), body)
	if err != nil {
		t.Fatal(err)
	}
}

func neverRead(*testing.T, net.Conn) {}

// hardlyRead reads a little of the stream at a time until the test ends.
func hardlyRead(t *testing.T, conn net.Conn) {
	t.Helper()
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for chunk := make([]byte, 100); ; {
		select {
		case <-t.Context().Done():
			return
		case <-tick.C:
			if _, err := conn.Read(chunk); err != nil {
				return
			}
		}
	}
}
