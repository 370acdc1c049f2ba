package outbound_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"pgregory.net/rapid"

	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/delivery/outbound"
	"github.com/quintet-agents/quintet/shared/secret"
)

// Every kind of receiver gets the right result, in bounded time and memory.
func TestReceivers(t *testing.T) {
	t.Cleanup(outbound.Times(500*time.Millisecond, 100*time.Millisecond))
	endless := strings.Repeat("x", 1<<16)
	for name, c := range map[string]struct {
		serve http.HandlerFunc
		want  delivery.Result
	}{
		"takes it":    {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "thanks") }, delivery.Result{Status: 200, Answer: "thanks"}},
		"no content":  {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, delivery.Result{Status: 204}},
		"fails":       {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "oh", 500) }, delivery.Result{Status: 500, Answer: "oh\n"}},
		"is gone":     {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(410) }, delivery.Result{Status: 410}},
		"no text":     {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("a\xffb")) }, delivery.Result{Status: 200, Answer: "a\uFFFDb"}},
		"asks for it": {asksFor(429, "120"), delivery.Result{Status: 429, RetryAfter: 2 * time.Minute}},
		"and on":      {asksFor(503, "Thu, 01 Jan 2026 00:03:00 GMT"), delivery.Result{Status: 503, RetryAfter: 3 * time.Minute}},
		"for ages":    {asksFor(429, strings.Repeat("9", 30)), delivery.Result{Status: 429, RetryAfter: math.MaxInt32 * time.Second}},
		"in the past": {asksFor(503, "Wed, 31 Dec 2025 00:00:00 GMT"), delivery.Result{Status: 503}},
		"nonsense":    {asksFor(503, "-5"), delivery.Result{Status: 503}},
		"not then":    {asksFor(500, "120"), delivery.Result{Status: 500}},
		"huge": {func(w http.ResponseWriter, _ *http.Request) {
			for range 100 {
				if _, err := io.WriteString(w, endless); err != nil {
					return
				}
			}
		}, delivery.Result{Status: 200, Answer: endless[:delivery.MaxAnswer]}},
		"drips": {func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "d")
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}, delivery.Result{Status: 200, Answer: "d"}},
		"is silent":    {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, delivery.Result{Failure: delivery.TimedOut}},
		"hangs up":     {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, delivery.Result{Failure: delivery.Closed}},
		"huge headers": {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", endless+endless) }, delivery.Result{Failure: delivery.BadAnswer}},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body) // a server learns only then that its client went away
				c.serve(w, r)
			}))
			t.Cleanup(server.Close)
			client := outbound.NewClient(outbound.NewGuard(loopback()), nil, func() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) })
			if d := cmp.Diff(c.want, post(t, client, server.URL)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func asksFor(status int, after string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", after)
		w.WriteHeader(status)
	}
}

// A compressed answer is not decompressed: a kilobyte could become a gigabyte.
func TestGzipBomb(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Accept-Encoding"); got != "identity" {
			t.Errorf("got Accept-Encoding %q, want identity", got)
		}
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		for range 1024 {
			_, _ = z.Write(make([]byte, 1<<20))
		}
		_ = z.Close()
	}))
	t.Cleanup(server.Close)
	got := post(t, outbound.NewClient(outbound.NewGuard(loopback()), nil, time.Now), server.URL)
	if got.Status != 200 || len(got.Answer) > 3*delivery.MaxAnswer {
		t.Errorf("got status %d with %d bytes, want 200 with at most %d", got.Status, len(got.Answer), 3*delivery.MaxAnswer)
	}
}

// Connection and protocol failures have names too.
func TestNoAnswer(t *testing.T) {
	t.Cleanup(outbound.Times(500*time.Millisecond, 100*time.Millisecond))
	client := outbound.NewClient(outbound.NewGuard(loopback()), nil, time.Now)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free := l.Addr().String()
	_ = l.Close()
	if got := post(t, client, "http://"+free); got.Failure != delivery.Refused {
		t.Errorf("no listener: got %+v, want %s", got, delivery.Refused)
	}
	trusted := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(trusted.Close)
	if got := post(t, client, trusted.URL); got.Failure != delivery.BadTLS {
		t.Errorf("unknown certificate: got %+v, want %s", got, delivery.BadTLS)
	}
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	if got := post(t, client, strings.Replace(plain.URL, "http", "https", 1)); got.Failure != delivery.BadTLS {
		t.Errorf("no TLS: got %+v, want %s", got, delivery.BadTLS)
	}
	if got := post(t, client, "http://a b/"); got.Failure != delivery.BadURL {
		t.Errorf("no URL: got %+v, want %s", got, delivery.BadURL)
	}
}

// received is a request that a receiver got.
type received struct {
	header http.Header
	body   []byte
}

func receive(t testing.TB, r delivery.Request) received {
	t.Helper()
	var got received
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got.header = r.Header
		got.body, _ = io.ReadAll(r.Body)
	}))
	defer server.Close()
	r.URL = server.URL
	if _, err := outbound.NewClient(outbound.NewGuard(loopback()), nil, time.Now).Post(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	return got
}

// The reference library accepts signatures with either secret, and rejects other secrets and
// requests with a flipped bit.
func TestSignatures(t *testing.T) {
	old, current := secret.New(), secret.New()
	rapid.Check(t, func(rt *rapid.T) {
		body := rapid.SliceOfN(rapid.Byte(), 1, 200).Draw(rt, "body")
		id := rapid.StringMatching(`msg_[A-Za-z0-9]{1,40}`).Draw(rt, "id")
		got := receive(t, delivery.Request{ID: id, At: time.Now(), Body: body, Secrets: []string{current, old}})
		verify := func(s string, r received) error {
			w, err := standardwebhooks.NewWebhook(s)
			if err != nil {
				rt.Fatal(err)
			}
			return w.Verify(r.body, r.header)
		}
		for name, s := range map[string]string{"the current one": current, "the old one": old} {
			if err := verify(s, got); err != nil {
				rt.Fatalf("%s: %v", name, err)
			}
		}
		if verify(secret.New(), got) == nil {
			rt.Fatal("got a signature that any secret verifies, want only the current ones")
		}
		flip := func(text []byte) []byte {
			bit := rapid.IntRange(0, 8*len(text)-1).Draw(rt, "bit")
			flipped := append([]byte{}, text...)
			flipped[bit/8] ^= 1 << (bit % 8)
			return flipped
		}
		if verify(current, received{got.header, flip(got.body)}) == nil {
			rt.Fatal("got another body verified, want an error")
		}
		for _, name := range []string{"webhook-id", "webhook-timestamp"} {
			h := got.header.Clone()
			h.Set(name, string(flip([]byte(h.Get(name)))))
			if verify(current, received{h, got.body}) == nil {
				rt.Fatalf("got another %s verified (%v), want an error", name, h)
			}
		}
		first, _, _ := strings.Cut(got.header.Get("webhook-signature"), " ")
		h := got.header.Clone()
		h.Set("webhook-signature", "v1,"+string(flip([]byte(strings.TrimPrefix(first, "v1,")))))
		if verify(current, received{h, got.body}) == nil {
			rt.Fatal("got another signature verified, want an error")
		}
	})
}

func TestDamagedSecrets(t *testing.T) {
	client := outbound.NewClient(outbound.NewGuard(loopback()), nil, time.Now)
	for _, secrets := range [][]string{nil, {"whsec_not base64"}} {
		_, err := client.Post(t.Context(), delivery.Request{URL: "http://127.0.0.1:1/", Secrets: secrets})
		if err == nil || strings.Contains(fmt.Sprint(err), "base64") {
			t.Errorf("%v: got error %v, want one that does not show base64", secrets, err)
		}
	}
}
