package script_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/quintet-agents/quintet/tests/document"
)

// delivered is a request that a receiver got.
type delivered struct {
	header http.Header
	body   string
}

// receive VAR [STATUS...] starts a server and sets a variable to its URL. It answers
// with the statuses in turn, then with 200.
func receive(ts *testscript.TestScript, _ bool, args []string) {
	s := stateOf(ts)
	s.sent = make(chan delivered, 100)
	answers := make(chan int, 100)
	for _, status := range args[1:] {
		n, err := strconv.Atoi(status)
		ts.Check(err)
		answers <- n
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		select {
		case status := <-answers:
			w.WriteHeader(status)
		default:
		}
		s.sent <- delivered{r.Header, string(body)}
	}))
	ts.Defer(server.Close)
	ts.Setenv(args[0], server.URL)
}

// callback waits for the next request to the receiver, and prints the parts of it that are the same
// in every run.
func callback(ts *testscript.TestScript, _ bool, _ []string) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	s := stateOf(ts)
	select {
	case d := <-s.sent:
		s.last = d
		for _, name := range []string{"Webhook-Id", "Webhook-Timestamp", "Webhook-Signature", "User-Agent"} {
			if d.header.Get(name) == "" {
				ts.Fatalf("got no %s in the request, want one", name)
			}
		}
		if strings.HasPrefix(d.header.Get("Webhook-Id"), "evt_") {
			api, err := document.Load()
			ts.Check(err)
			ts.Check(api.CheckEvent([]byte(d.body)))
		}
		out := d.header.Get("Content-Type") + "\n" + steady(ts, d.body) + "\n"
		_, err := io.WriteString(ts.Stdout(), out)
		ts.Check(err)
	case <-ctx.Done():
		ts.Fatalf("got no request within 30 s, want one")
	}
}

// signed SECRET... verifies the request that callback printed last: each secret must accept it.
// Negated, each must refuse it.
func signed(ts *testscript.TestScript, neg bool, args []string) {
	d := stateOf(ts).last
	for _, secret := range args {
		w, err := standardwebhooks.NewWebhook(secret)
		ts.Check(err)
		if err := w.Verify([]byte(d.body), d.header); (err == nil) == neg {
			ts.Fatalf("secret %s...: got %v, want a refusal: %t", secret[:len("whsec_")+4], err, neg)
		}
	}
}
