package providers_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/ssm/ssmtest"
	"github.com/quintet-agents/quintet/tests/rig"
)

// door is a model's server that accepts one key and answers hello.
type door struct {
	mu      sync.Mutex
	knows   string
	refused int
	served  int
}

func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var req request
	if err != nil || json.Unmarshal(body, &req) != nil {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	if !d.opens(r.Header.Get("Authorization")) {
		status(http.StatusUnauthorized, wrong("Incorrect API key provided", "invalid_request_error", "", "invalid_api_key"))(w, r, req)
		return
	}
	hello(w, r, req)
}

func (d *door) opens(authorization string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if authorization != "Bearer "+d.knows {
		d.refused++
		return false
	}
	d.served++
	return true
}

// change replaces the accepted key.
func (d *door) change(key string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.knows = key
}

// counted returns the numbers of refused and served requests since the last call.
func (d *door) counted() (refused, served int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	defer func() { d.refused, d.served = 0, 0 }()
	return d.refused, d.served
}

func (d *door) wantCounted(t *testing.T, when string, wantRefused, wantServed int) {
	t.Helper()
	if refused, served := d.counted(); refused != wantRefused || served != wantServed {
		t.Errorf("%s: got %d refused and %d served requests, want %d and %d", when, refused, served, wantRefused, wantServed)
	}
}

// behind starts the product with the door as its model, whose key is in a parameter.
func (d *door) behind(t *testing.T, parameter string) *world {
	t.Helper()
	web := httptest.NewServer(d)
	t.Cleanup(web.Close)
	plain := rig.Start(t, fortune)
	// Its workers would receive callbacks from the queue that both copies share.
	if err := plain.Runner.Close(); err != nil {
		t.Fatal(err)
	}
	return &world{Rig: plain.Configured(t, map[string]string{"ModelBaseUrl": web.URL + "/v1", "ModelApiKeyParameter": parameter})}
}

// everywhere runs a turn over every surface, in every form, and compares each answer with want.
func (w *world) everywhere(t *testing.T, text string, want func(surface) telling) {
	t.Helper()
	for _, s := range surfaces() {
		c := chat{world: w, T: t, surface: s, name: text, target: w.Agent.Slug, thread: w.Thread(t)}
		if s.name == "flapjack" {
			c.target = c.thread
		}
		got, _ := c.send(text, "")
		if wanted := want(s); got.status != wanted.status || got.code != wanted.code || got.text != wanted.text {
			c.fail("got %d, code %q, text %q; want %d, %q, %q", got.status, got.code, got.text, wanted.status, wanted.code, wanted.text)
		}
	}
}

func greeted(surface) telling { return telling{status: http.StatusOK, text: "Hello!"} }

func refusedWith(code fault.Code) func(surface) telling {
	return func(s surface) telling { return telling{status: s.codes[code].status, code: s.codes[code].code} }
}

// later sends a chat with a callback_url over FlowGent and returns the callback.
func (w *world) later(t *testing.T, text string) telling {
	t.Helper()
	posted := make(chan string, 10)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		posted <- string(body)
	}))
	t.Cleanup(receiver.Close)
	c := chat{world: w, T: t}
	status, _, body := c.exchange(http.MethodPost, "/api/public/agent/"+w.Agent.ID+"/chat", fmt.Appendf(nil, `{"messages":%q,"callback_url":%q}`, text, receiver.URL), "")
	if status != http.StatusOK {
		t.Fatalf("got %d: %s, want 200", status, body)
	}
	select {
	case body := <-posted:
		got, err := readFlowGent(http.StatusOK, body)
		if err != nil {
			t.Errorf("got %v in %s, want an answer", err, body)
		}
		return got
	case <-time.After(time.Minute):
		t.Fatal("got no callback within a minute, want one")
		return telling{}
	}
}

func (w *world) wantLater(t *testing.T, text string, want telling) {
	t.Helper()
	if got := w.later(t, text); got.code != want.code || got.text != want.text {
		t.Errorf("%s, called back: got code %q, text %q; want %q, %q", text, got.code, got.text, want.code, want.text)
	}
}

// wantSpent compares the balance with a number of equal turns: each is paid once, and nothing is
// held.
func (w *world) wantSpent(t *testing.T, when string, turns int, each ledger.Credits) {
	t.Helper()
	a := w.Account(t, w.Org)
	if want := fortune - ledger.Credits(turns)*each; a.Balance() != want || a.Available != want {
		t.Errorf("%s: got balance %s, %s available, want %s after %d turns", when, a.Balance(), a.Available, want, turns)
	}
}

// Every function that asks the model uses the key in Parameter Store. After a rotation, each uses
// the new key from the first turn whose old key is refused. That turn is answered and paid once.
func TestKey_Rotated(t *testing.T) {
	const (
		all       = 6 // turns over every surface, in every form
		functions = 5 // that ask the model: four chat functions, and the callbacks' worker
	)
	name, d := ssmtest.Name(t), &door{knows: "first"}
	ssmtest.Put(t, name, "first\n")
	w := d.behind(t, name)
	flowgent := surfaces()[all-1]

	w.wantLater(t, "first", greeted(flowgent))
	each := fortune - w.Account(t, w.Org).Balance()
	if each <= 0 {
		t.Errorf("got a charge of %s for a turn, want more than 0", each)
	}
	w.everywhere(t, "first", greeted)
	d.wantCounted(t, "before the rotation", 0, all+1)
	w.wantSpent(t, "before the rotation", all+1, each)

	ssmtest.Put(t, name, "second")
	d.change("second")
	w.everywhere(t, "rotated", greeted)
	w.wantLater(t, "rotated", greeted(flowgent))
	d.wantCounted(t, "in the rotation", functions, all+1)
	w.everywhere(t, "second", greeted)
	w.wantLater(t, "second", greeted(flowgent))
	d.wantCounted(t, "after the rotation", 0, all+1)
	w.wantSpent(t, "after the rotation", 3*(all+1), each)

	d.change("third") // and the parameter still has the second
	w.everywhere(t, "revoked", refusedWith(fault.ModelRefused))
	d.wantCounted(t, "with a revoked key", all, 0)
	w.wantSpent(t, "with a revoked key", 3*(all+1), each)
}

// A rotation during concurrent turns fails none of them. Each is answered and paid once.
func TestKey_RotatedUnderLoad(t *testing.T) {
	const rounds, all = 10, 6 // surfaces in all their forms
	name, d := ssmtest.Name(t), &door{knows: "first"}
	ssmtest.Put(t, name, "first")
	w := d.behind(t, name)
	w.everywhere(t, "first", greeted)
	each := (fortune - w.Account(t, w.Org).Balance()) / all

	var wg sync.WaitGroup
	for range rounds {
		wg.Go(func() { w.everywhere(t, "rotated", greeted) })
	}
	ssmtest.Put(t, name, "second")
	d.change("second")
	wg.Wait()
	w.wantSpent(t, "after the rotation", (rounds+1)*all, each)
}

// Without the parameter the model is unavailable: it is not asked, and nothing is paid.
func TestKey_Missing(t *testing.T) {
	d := &door{}
	w := d.behind(t, ssmtest.Name(t))
	w.everywhere(t, "no key", refusedWith(fault.ModelUnavailable))
	w.wantLater(t, "no key", refusedWith(fault.ModelUnavailable)(surfaces()[5]))
	d.wantCounted(t, "without a key", 0, 0)
	w.wantSpent(t, "without a key", 0, 0)
}
