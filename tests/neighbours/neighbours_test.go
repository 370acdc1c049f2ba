// Package neighbours_test floods the product for one org and measures another org: how long
// its events, callbacks and deliveries take beside the flood, compared with the times
// without it, in the same run.
package neighbours_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/tests/rig"
)

func TestMain(m *testing.M) { rig.Main(m) }

const (
	// times is how many times as long the quiet org may wait beside a flood.
	times = 3

	// noise is the variance of any wait on a busy machine. Shorter waits have no ratio.
	noise = 1500 * time.Millisecond
)

// 158 chats in 15 seconds, each with four events for 20 webhooks.
func TestEvents_BesideFlood(t *testing.T) {
	w := newWorld(t)
	sink := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(sink.Close)
	for i := range 20 {
		w.noisy.webhook(t, fmt.Sprintf("%s/%d", sink.URL, i))
	}
	w.compare(t, w.quiet.event, func(high func()) {
		const chats, within = 158, 15 * time.Second
		tick := time.NewTicker(within / chats)
		defer tick.Stop()
		var all sync.WaitGroup
		for i := range chats {
			if i == chats/3 {
				high()
			}
			all.Go(func() { w.noisy.chat(t, "hello") })
			<-tick.C
		}
		all.Wait()
	})
}

// 600 chats with a callback_url that take half a minute each.
func TestCallbacks_BesideFlood(t *testing.T) {
	w := newWorld(t)
	w.compare(t, w.quiet.callback, func(high func()) {
		const chats, atOnce = 600, 8
		var left atomic.Int64
		var all sync.WaitGroup
		for range atOnce {
			all.Go(func() {
				for left.Add(1) <= chats {
					w.noisy.chatLater(t, w.receiver.URL+"/slow", "[[words 10]][[delay 3000]]")
				}
			})
		}
		all.Wait()
		high()
	})
}

// Receivers that never answer: one host in 16 spellings, which share ten slots, then 60
// hosts.
func TestDeliveries_BesideFlood(t *testing.T) {
	w := newWorld(t)
	port := strings.TrimPrefix(w.silent.URL, "http://127.0.0.1:")
	var spellings, hosts []string
	for i := range 16 {
		host := []byte("localhost")
		for bit := range 4 {
			if i>>bit&1 == 1 {
				host[bit] -= 'a' - 'A'
			}
		}
		spellings = append(spellings, "http://"+string(host)+":"+port+"/")
	}
	for i := range 60 {
		hosts = append(hosts, fmt.Sprintf("http://127.0.1.%d:%s/", i+1, port))
	}
	t.Run("one host in 16 spellings", func(t *testing.T) {
		w.compare(t, w.quiet.delivery, func(high func()) { w.noisy.deliver(t, spellings, 320); high() })
		if got, want := w.connections.most.Load(), int64(10); got > want {
			t.Errorf("got %d concurrent connections to one host, want at most %d", got, want)
		}
	})
	t.Run("60 hosts", func(t *testing.T) {
		w.compare(t, w.quiet.delivery, func(high func()) { w.noisy.deliver(t, hosts, 600); high() })
	})
}
