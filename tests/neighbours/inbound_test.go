package neighbours_test

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

	fake "github.com/quintet-agents/quintet/tests/twilio"
)

// The accounts of the two orgs at Twilio, and where Twilio reaches the product.
var quietAccount, noisyAccount = accountOf("1"), accountOf("2")

const (
	number = "+15551230000"
	public = "https://chat.example.com"
)

func accountOf(digit string) fake.Account {
	return fake.Account{SID: "AC" + strings.Repeat(digit, 32), Token: "token-of-account-" + digit, Senders: []fake.Sender{{From: number}}}
}

// hook is the webhook of an org's number at Twilio.
type hook struct {
	*org

	account fake.Account
	url     string
	sent    atomic.Int64
}

func (o *org) hook(t *testing.T, a fake.Account) *hook {
	t.Helper()
	answer := o.call(t, "/api/v1/connections", `{"type":"twilio","agent_id":"`+o.agent+`","name":"Shop","credentials":{"account_sid":"`+a.SID+
		`","auth_token":"`+a.Token+`","from":"`+number+`"},"settings":{"quiet_seconds":0,"public_url":"`+public+`"}}`)
	var created struct {
		Data struct {
			URL string `json:"webhook_url"`
		}
	}
	if err := json.Unmarshal(answer, &created); err != nil || created.Data.URL == "" {
		t.Fatalf("got %s, %v, want a connection", answer, err)
	}
	return &hook{org: o, account: a, url: created.Data.URL}
}

func (o *org) call(t *testing.T, path, body string) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, o.Runner.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+o.key)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// write delivers a text of a new person.
func (h *hook) write(t *testing.T, text string) {
	n := int(h.sent.Add(1))
	w := h.account.Sign(h.url, h.account.Message(n, fmt.Sprintf("+1555%07d", n), number, text))
	req, err := http.NewRequest(http.MethodPost, h.Runner.URL()+strings.TrimPrefix(w.URL, public), bytes.NewReader(w.Body)) //nolint:noctx // a flood outlives no test
	if err != nil {
		t.Error(err)
		return
	}
	req.Header = w.Header
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Error(err)
		return
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("got status %d for a message, want 200", res.StatusCode)
	}
}

// inbound has a new person write, and returns the time to the arrival of the answer at Twilio.
func (h *hook) inbound(t *testing.T) time.Duration {
	t.Helper()
	text := fmt.Sprintf("quiet %d", h.sent.Load())
	start := time.Now()
	h.write(t, text)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range tick.C {
		for _, m := range h.world.twilio.Accepted() {
			if m.Account == h.account.SID && m.Body == "You said: "+text {
				return time.Since(start)
			}
		}
		if time.Since(start) > longest {
			t.Errorf("got no answer within %v", longest)
			break
		}
	}
	return time.Since(start)
}

// flood calls something n times, eight at a time.
func flood(n int64, do func()) {
	const atOnce = 8
	var left atomic.Int64
	var all sync.WaitGroup
	for range atOnce {
		all.Go(func() {
			for left.Add(1) <= n {
				do()
			}
		})
	}
	all.Wait()
}

// 500 people write to the noisy org at once, and each turn takes three seconds.
func TestInbound_BesideInbound(t *testing.T) {
	w := newWorld(t)
	quiet, noisy := w.quiet.hook(t, quietAccount), w.noisy.hook(t, noisyAccount)
	w.compare(t, quiet.inbound, func(high func()) {
		const people = 500
		flood(people, func() { noisy.write(t, "[[words 10]][[delay 300]]") })
		high()
	})
}

// The org's own callbacks take half a minute each.
func TestInbound_BesideOwnCallbacks(t *testing.T) {
	w := newWorld(t)
	noisy := w.noisy.hook(t, noisyAccount)
	w.compare(t, noisy.inbound, func(high func()) {
		const chats = 300
		flood(chats, func() { w.noisy.chatLater(t, w.receiver.URL+"/slow", "[[words 10]][[delay 3000]]") })
		high()
	})
}
