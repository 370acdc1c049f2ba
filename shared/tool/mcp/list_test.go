package mcp_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
	"go.uber.org/goleak"

	"github.com/quintet-agents/quintet/shared/tool/mcp"
)

// A list is used for as long as its server says, but for a minute at least and an hour at most.
func TestClient_ListLife(t *testing.T) {
	for _, c := range []struct {
		ms   int
		want time.Duration
	}{
		{-1, 5 * time.Minute},
		{0, 5 * time.Minute},
		{1, time.Minute},
		{90_000, 90 * time.Second},
		{1 << 40, time.Hour},
	} {
		r := open(t, stranger{"tools/list": func(w http.ResponseWriter, id string) {
			reply(w, id, fmt.Sprintf(`{"ttlMs":%d,"tools":[%s]}`, c.ms, look))
		}})
		r.agree(t)
		for _, step := range []struct {
			after time.Duration
			lists int
		}{{0, 1}, {c.want - 1, 1}, {1, 2}, {c.want - 1, 2}, {1, 3}} {
			r.clock.add(step.after)
			if got := r.call(t, "look", `{}`); got.Failed {
				t.Fatalf("got %+v, want a result", got)
			}
			if lists := r.log.count("POST tools/list"); lists != step.lists {
				t.Errorf("ttlMs %d: got %d lists, want %d", c.ms, lists, step.lists)
			}
		}
		if got := r.log.count("POST tools/call"); got != 5 {
			t.Errorf("ttlMs %d: got %d calls, want 5", c.ms, got)
		}
	}
}

// A server that forgets its sessions, as an older one may, gets a new session, and each call
// once.
func TestClient_SessionGone(t *testing.T) {
	var forget atomic.Bool
	s := sdk.NewServer(&sdk.Implementation{Name: "s", Version: "1"}, nil)
	sdk.AddTool(s, &sdk.Tool{Name: "forecast"}, forecast)
	inner := legacy(handlerOf(s, sdk.StreamableHTTPOptions{}))
	r := open(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.Header.Get("Mcp-Session-Id") != "" && forget.CompareAndSwap(true, false) {
			http.Error(w, "session not found", http.StatusNotFound)
			return
		}
		inner.ServeHTTP(w, req)
	}))
	r.agree(t)
	for range 2 {
		forget.Store(true)
		before := r.log.count("POST tools/call")
		if got := r.call(t, "forecast", `{"city":"Oslo"}`); got.Failed {
			t.Errorf("got %+v, want the forecast", got)
		}
		if got := r.log.count("POST tools/call") - before; got != 2 {
			t.Errorf("got %d calls, want the refused one and one more", got)
		}
	}
	if got := r.log.count("POST initialize"); got != 3 {
		t.Errorf("got %d sessions, want 3", got)
	}
}

// A server that ends every session is given up.
func TestClient_SessionAlwaysGone(t *testing.T) {
	inner := legacy(handlerOf(weather(), sdk.StreamableHTTPOptions{}))
	var strict atomic.Bool
	r := open(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		req.Body = io.NopCloser(bytes.NewReader(body))
		if strict.Load() && methodOf(body) == "tools/call" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		inner.ServeHTTP(w, req)
	}))
	r.agree(t)
	strict.Store(true)
	if got := r.call(t, "forecast", `{"city":"Oslo"}`); got.Text != "the server ends each session before it reads a call" {
		t.Errorf("got %+v, want it given up", got)
	}
	if got := r.log.count("POST tools/call"); got != 2 {
		t.Errorf("got %d calls, want 2", got)
	}
}

// Calls at the same time read a list once, and each gets its own result.
func TestClient_Concurrent(t *testing.T) {
	for name, handler := range revisions {
		t.Run(name, func(t *testing.T) {
			r := open(t, handler(weather()))
			r.agree(t)
			r.clock.add(time.Hour)
			var wave sync.WaitGroup
			for i := range 20 {
				wave.Go(func() {
					want := fmt.Sprintf(`{"city":"%d","degrees":21}`, i)
					if got := r.call(t, "forecast", fmt.Sprintf(`{"city":"%d"}`, i)); got.Text != want {
						t.Errorf("got %+v, want %s", got, want)
					}
				})
			}
			wave.Wait()
			if got := r.log.count("POST tools/list"); got != 2 {
				t.Errorf("got %d lists, want 2", got)
			}
		})
	}
}

// What is offered waits for no server. The list is read beside the caller, once, and a call
// waits for it.
func TestClient_Refused(t *testing.T) {
	release := make(chan struct{})
	server := stranger{}
	r := open(t, server)
	r.agree(t)
	r.clock.add(time.Hour)
	server["tools/list"] = func(w http.ResponseWriter, id string) {
		<-release
		reply(w, id, listing(`{"name":"look","inputSchema":{"type":"object"}}`))
	}
	for range 3 {
		if r.client.Refused(t.Context(), r.server)("look") {
			t.Error("got look refused while the list is read, want it as it was known")
		}
	}
	done := make(chan mcp.Result)
	go func() { done <- r.call(t, "look", `{}`) }()
	close(release)
	if got := <-done; got.Text != "the tool look was changed by its server, and nobody agreed to the change yet" {
		t.Errorf("got %+v, want the change", got)
	}
	if !r.client.Refused(t.Context(), r.server)("look") {
		t.Error("got look offered, want it refused")
	}
	if got := r.log.count("POST tools/list"); got != 2 {
		t.Errorf("got %d lists, want 2", got)
	}
}

// A request on a kept connection that the server closes is not sent again once it was written:
// the server may have read it.
func TestClient_NotRepeated(t *testing.T) {
	var calls atomic.Int32
	r := open(t, stranger{"tools/call": func(w http.ResponseWriter, id string) {
		if calls.Add(1)%2 == 0 {
			panic(http.ErrAbortHandler) // the connection is one that was used before
		}
		reply(w, id, `{"content":[{"type":"text","text":"found"}]}`)
	}})
	r.agree(t)
	for i := range 10 {
		got := r.call(t, "look", `{}`)
		if got.Failed != (i%2 == 1) || got.Failed && !strings.HasPrefix(got.Text, "the call of the tool failed: ") {
			t.Errorf("call %d: got %+v", i, got)
		}
	}
	if got := calls.Load(); got != 10 {
		t.Errorf("got %d calls at the server, want 10", got)
	}
}

// The memory of servers is bounded, and two addresses or secrets are two servers.
func TestClient_Bounded(t *testing.T) {
	r := open(t, stranger{})
	r.agree(t)
	for i := range 250 {
		r.clock.add(time.Millisecond)
		s := r.server
		s.Tool.SecretHeaders = map[string][]byte{"X": fmt.Append(nil, i)}
		if got := r.client.Call(t.Context(), s, "look", json.RawMessage(`{}`)); got.Failed {
			t.Fatalf("got %+v, want a result", got)
		}
	}
	if got := r.client.Known(); got != 200 {
		t.Errorf("got %d servers remembered, want 200", got)
	}
	if got := r.log.count("POST tools/list"); got != 251 {
		t.Errorf("got %d lists, want one for each", got)
	}
}

// Calls that fail in each way, and lists that are read again, leave no goroutine behind.
func TestClient_Goroutines(t *testing.T) {
	running := goleak.IgnoreCurrent()
	t.Run("calls", func(t *testing.T) {
		kinds := []func(w http.ResponseWriter, id string){
			func(w http.ResponseWriter, id string) { reply(w, id, `{"content":[]}`) },
			func(w http.ResponseWriter, _ string) { w.WriteHeader(http.StatusServiceUnavailable) },
			func(w http.ResponseWriter, _ string) { stream(w)("id: 1\ndata: \n\n") },
			func(w http.ResponseWriter, _ string) { stream(w)(strings.Repeat("data: x\n", 100_000)) },
			func(http.ResponseWriter, string) { panic(http.ErrAbortHandler) },
			func(w http.ResponseWriter, id string) { reply(w, id, "[") },
		}
		i := 0
		r := open(t, stranger{"tools/call": func(w http.ResponseWriter, id string) {
			i++
			kinds[i%len(kinds)](w, id)
		}})
		r.agree(t)
		for range 5 * len(kinds) {
			r.call(t, "look", `{}`)
		}
		t.Cleanup(r.client.Close)
	})
	goleak.VerifyNone(t, running)
}
