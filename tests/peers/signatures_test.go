package peers_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/delivery/outbound"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/secret"
)

// sent is a request at a receiver, and whether the receiver must accept it.
type sent struct {
	Name    string            `json:"name"`
	Secret  string            `json:"secret"` // the receiver's
	Takes   bool              `json:"takes"`
	Headers map[string]string `json:"headers"`
	Body    []byte            `json:"body"`
}

// The Standard Webhooks libraries of three languages accept the requests of a worker before, during
// and after a rotation, with each secret that is valid at that time: no delivery is refused, whenever
// a receiver switches to the new secret. They refuse a request with any bit flipped.
func TestWebhooks_Signatures(t *testing.T) {
	requests := rotate(t)
	t.Run("go", func(t *testing.T) {
		for _, r := range requests {
			t.Run(r.Name, r.verify)
		}
	})
	file := writeJSON(t, "requests.json", requests)
	for _, path := range programs(t, "receivers") {
		t.Run(filepath.Base(path), func(t *testing.T) { run(t, nil, path, file) })
	}
}

// rotate sends deliveries while the secret is rotated.
func rotate(t *testing.T) []sent {
	t.Helper()
	table := dynamotest.Open(t)
	org, ahead := table.Org(t, 0), time.Duration(0)
	keeper := &secret.Keeper{Store: table.Store, Box: unsealed{}, Now: func() time.Time { return time.Now().Add(ahead) }}
	var got sent
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got.Body, _ = io.ReadAll(r.Body)
		got.Headers = map[string]string{}
		for _, name := range []string{"webhook-id", "webhook-timestamp", "webhook-signature"} {
			got.Headers[name] = r.Header.Get(name)
		}
	}))
	defer receiver.Close()
	loopback := outbound.NewGuard([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")})
	worker := &delivery.Worker{Store: table.Store, Secrets: keeper, Sender: outbound.NewClient(loopback, nil, time.Now), Now: time.Now}
	send := func(name string) sent {
		d := table.Delivery(t, org, receiver.URL, []byte(`{"statusCode":200,"body":{"content":"grüße 👩‍👩‍👧 \u2028 \"\\ 1.50"}}`))
		message, err := json.Marshal(d.Ref)
		if err != nil {
			t.Fatal(err)
		}
		if err := worker.Work(t.Context(), message); err != nil {
			t.Fatal(err)
		}
		got.Name = name
		return got
	}
	current := func() string {
		secrets, err := keeper.Signing(t.Context(), org, delivery.Callbacks)
		if err != nil {
			t.Fatal(err)
		}
		return secrets[0]
	}

	before := send("before the rotation")
	old := current()
	if _, err := keeper.Rotate(t.Context(), nil, org, delivery.Callbacks); err != nil {
		t.Fatal(err)
	}
	during := send("during the overlap")
	ahead = secret.Overlap
	after := send("after the overlap")

	var all []sent
	for _, c := range []struct {
		sent
		with   string
		secret string
		takes  bool
	}{
		{before, "the old secret", old, true},
		{before, "the new secret", current(), false},
		{during, "the old secret", old, true},
		{during, "the new secret", current(), true},
		{during, "another secret", secret.New(), false},
		{after, "the old secret", old, false},
		{after, "the new secret", current(), true},
	} {
		c.Name, c.Secret, c.Takes = c.Name+", with "+c.with, c.secret, c.takes
		all = append(all, c.sent)
	}
	return all
}

// unsealed does not encrypt secrets.
type unsealed struct{}

func (unsealed) Seal(_ context.Context, _, plain string) ([]byte, error) { return []byte(plain), nil }

func (unsealed) Open(_ context.Context, _ string, b []byte) (string, error) { return string(b), nil }

// verify checks in Go what the programs in receivers check in other languages.
func (s sent) verify(t *testing.T) {
	if s.takes() != s.Takes {
		t.Fatalf("got accepted %t, want %t", !s.Takes, s.Takes)
	}
	s.eachFlip(func(where string, flipped sent) {
		if flipped.takes() {
			t.Errorf("got a request accepted with a flipped %s, want it refused: %q %v", where, flipped.Body, flipped.Headers)
		}
	})
}

func (s sent) takes() bool {
	w, err := standardwebhooks.NewWebhook(s.Secret)
	if err != nil {
		return false
	}
	h := http.Header{}
	for name, value := range s.Headers {
		h.Set(name, value)
	}
	return w.Verify(s.Body, h) == nil
}

// eachFlip calls a function with the request for each flipped bit. In signatures, the bits are those
// that the base64 encodes, and are flipped in all signatures.
func (s sent) eachFlip(show func(where string, flipped sent)) {
	for bit := range 8 * len(s.Body) {
		flipped := s
		flipped.Body = flip(s.Body, bit)
		show("body", flipped)
	}
	for _, name := range []string{"webhook-id", "webhook-timestamp"} {
		for bit := range 8 * len(s.Headers[name]) {
			show(name, s.with(name, string(flip([]byte(s.Headers[name]), bit))))
		}
	}
	for bit := range 8 * 32 {
		var all []string
		for text := range strings.FieldsSeq(s.Headers["webhook-signature"]) {
			signature, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(text, "v1,"))
			all = append(all, "v1,"+base64.StdEncoding.EncodeToString(flip(signature, bit)))
		}
		show("webhook-signature", s.with("webhook-signature", strings.Join(all, " ")))
	}
}

func (s sent) with(name, value string) sent {
	s.Headers = maps.Clone(s.Headers)
	s.Headers[name] = value
	return s
}

func flip(text []byte, bit int) []byte {
	flipped := slices.Clone(text)
	flipped[bit/8] ^= 1 << (bit % 8)
	return flipped
}
