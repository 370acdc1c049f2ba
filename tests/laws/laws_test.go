package laws_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/routes"
	"github.com/quintet-agents/quintet/shared/thread"
	"github.com/quintet-agents/quintet/tests/document"
)

// The same scripts are played in one thread over every surface, in any order. The pieces
// of a stream, the whole answer and the stored text are equal; so are the reported and the
// real uses of tools. Each turn sees the turns before it, from all surfaces, and is charged
// once, replayed or not.
func TestSurfaces_SameFacts(t *testing.T) {
	doc, err := document.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, half := range []string{"one half", "other half"} { // in parallel: most of the time is spent waiting for the engine
		t.Run(half, func(t *testing.T) {
			t.Parallel()
			w, told := newWorld(t), 0
			l := &tally{available: fortune}
			rapid.Check(t, func(t *rapid.T) {
				told++
				c := &conversation{T: t, world: w, tally: l, name: strconv.Itoa(told), thread: thread.NewID(w.agent.ID), answers: map[int]string{}}
				if told <= checkedScripts {
					c.doc = doc
				}
				c.script = anyScript().Draw(t, "script")
				for _, forms := range rapid.Permutation(surfaces).Draw(t, "order") {
					c.chat(rapid.SampledFrom(forms).Draw(t, "form"), rapid.IntRange(0, 5).Draw(t, "once") == 0)
				}
				c.readBack()
			})
			l.check(t, w)
			t.Logf("%d scripts", told)
		})
	}
}

// checkedScripts is the number of scripts that are also checked against the OpenAPI
// document. That check is slow, and other tests run it for many more exchanges.
const checkedScripts = 10

// conversation is one thread of a check.
type conversation struct {
	*rapid.T

	*world

	doc    *document.Document // nil: no check
	tally  *tally
	name   string
	script script

	thread  string
	exists  bool
	said    []message      // messages of the thread
	answers map[int]string // ids of messages that a surface has reported, by index in said
}

// chat sends the script's turn over a surface, and repeats it if it has an idempotency
// key.
func (c *conversation) chat(s surface, once bool) {
	if s.function == flapjackStream.function && !c.exists {
		c.begin()
	}
	key := ""
	if once {
		key = c.name + s.name
	}
	text := anyText().Draw(c.T, "question")
	text = strings.ReplaceAll(text, "\x00", "") + "?" // NUL and empty texts are refused
	path, body := s.path(c.world, c.thread), s.body(text, c.thread)
	c.player.play(c.script)
	before := c.tally.available
	a := c.exchange(path, body, key)
	rounds := len(c.player.asked)
	if rounds != len(c.script.rounds) {
		c.Fatalf("%s: got %d requests to the model, want %d", s.name, rounds, len(c.script.rounds))
	}
	c.wantPrompt(s, text)
	kept, ok := c.script.kept(s.whole)
	if ok {
		c.exists = true
		c.said = append(c.said, message{"user", text}, message{"assistant", kept})
		c.tally.count(c, s)
	}
	c.wantTold(s, a, before)
	if once && ok {
		c.wantAgain(s, path, body, key, a)
	}
}

// wantAgain repeats a request with its idempotency key.
func (c *conversation) wantAgain(s surface, path string, body any, key string, first answer) {
	rounds := len(c.player.asked)
	again := c.exchange(path, body, key)
	if len(c.player.asked) != rounds {
		c.Fatalf("%s: got a request to the model for a replay, want none", s.name)
	}
	if again.header.Get("Idempotency-Replayed") != "true" || again.status != first.status {
		c.Fatalf("%s: got status %d and %v, want a replay with %d", s.name, again.status, again.header, first.status)
	}
	if d := cmp.Diff(first.body, again.body); d != "" {
		c.Fatalf("%s: replay (-want +got):\n%s", s.name, d)
	}
}

// begin creates the thread as Flapjack's clients do, who cannot choose its id.
func (c *conversation) begin() {
	r, _ := c.request(http.MethodPost, "/api/threads", map[string]string{"agentId": c.agent.ID}, "")
	a := c.send(r)
	var made struct{ ID string }
	if err := json.Unmarshal([]byte(a.body), &made); err != nil || a.status != http.StatusCreated {
		c.Fatalf("got %v, %d %s, want 201", err, a.status, a.body)
	}
	c.thread, c.exists = made.ID, true
}

// exchange sends a request, and checks it and its answer against the OpenAPI document.
func (c *conversation) exchange(path string, body any, key string) answer {
	r, sent := c.request(http.MethodPost, path, body, key)
	a := c.send(r)
	if c.doc == nil {
		return a
	}
	if err := c.doc.Check(document.Exchange{Request: r, Sent: sent, Status: a.status, Header: a.header, Body: []byte(a.body)}); err != nil {
		c.Fatal(err)
	}
	return a
}

// wantPrompt compares the model's request with the thread's messages.
func (c *conversation) wantPrompt(s surface, text string) {
	var want []model.Message
	for i := 0; i < len(c.said); i += 2 {
		if c.said[i+1].Content != "" { // roles must alternate
			want = append(want, model.Message{Role: model.User, Text: c.said[i].Content}, model.Message{Role: model.Assistant, Text: c.said[i+1].Content})
		}
	}
	want = append(want, model.Message{Role: model.User, Text: text})
	if d := cmp.Diff(want, c.player.asked[0].Messages); d != "" {
		c.Fatalf("%s: messages to the model (-want +got):\n%s", s.name, d)
	}
}

// wantTold compares a surface's answer with the script, and its amounts with the credits
// that were available before.
func (c *conversation) wantTold(s surface, a answer, before ledger.Credits) {
	t, err := s.read(a)
	if err != nil {
		c.Fatalf("%s: got %v, want a valid answer", s.name, err)
	}
	want := refusal{status: http.StatusOK}
	if c.script.fails != "" {
		want = s.refusals[c.script.fails]
		if !s.whole && c.script.begins() {
			want.status = http.StatusOK
		}
	}
	if got := (refusal{a.status, t.failure}); got != want {
		c.Fatalf("%s: got %+v, want %+v: %s", s.name, got, want, a.body)
	}
	if !s.whole && c.script.begins() {
		if d := cmp.Diff(s.steps(c.script), t.steps, unexported); d != "" {
			c.Fatalf("%s: steps of the stream (-want +got):\n%s", s.name, d)
		}
	}
	if c.script.fails == "" {
		c.wantWhole(s, t)
	}
	c.wantMoney(s, a, t, before)
	if t.message != "" {
		c.answers[len(c.said)-1] = t.message
	}
}

var unexported = cmp.AllowUnexported(step{}, tool{})

// wantWhole compares the whole answer, which every surface has, with the script.
func (c *conversation) wantWhole(s surface, t telling) {
	if want := c.script.said(len(c.script.rounds)); t.content != want {
		c.Fatalf("%s: got whole answer %q, want %q", s.name, t.content, want)
	}
	if t.threadID != "" && t.threadID != c.thread {
		c.Fatalf("%s: got thread %s, want %s", s.name, t.threadID, c.thread)
	}
	if t.tools != nil {
		var want []tool
		for _, u := range c.script.calls() {
			want = append(want, s.tool(told(u)))
		}
		if d := cmp.Diff(want, t.tools, unexported, cmpopts.EquateEmpty()); d != "" {
			c.Fatalf("%s: tools (-want +got):\n%s", s.name, d)
		}
	}
	if t.history != nil {
		if d := cmp.Diff(c.said, t.history); d != "" {
			c.Fatalf("%s: history (-want +got):\n%s", s.name, d)
		}
	}
	if s.blocks {
		want := 0
		for _, u := range c.script.calls() {
			if strings.HasPrefix(u.result, blocksPrefix) {
				want++
			}
		}
		if t.blocks != want {
			c.Fatalf("%s: got %d blocks, want %d", s.name, t.blocks, want)
		}
	}
}

// wantMoney compares a surface's amounts of credits with the tally.
func (c *conversation) wantMoney(s surface, a answer, t telling, before ledger.Credits) {
	used, _ := c.script.usage(s.whole)
	charge := ledger.DefaultPrices.Charge(used).Number()
	if t.credits != "" && t.credits != charge {
		c.Fatalf("%s: got %s credits, want %s", s.name, t.credits, charge)
	}
	if want := c.tally.available.String(); t.balance != "" && t.balance != want {
		c.Fatalf("%s: got %s available afterwards, want %s", s.name, t.balance, want)
	}
	if head := a.header.Get("X-Flow-Balance"); head != "" && head != before.String() {
		c.Fatalf("%s: got %s available before, want %s", s.name, head, before)
	}
}

// readBack compares Flapjack's list of the thread with its messages.
func (c *conversation) readBack() {
	r, _ := c.request(http.MethodGet, "/api/threads/"+c.thread+"/messages?limit=100", nil, "")
	a := c.send(r)
	if !c.exists {
		if a.status != http.StatusNotFound {
			c.Fatalf("got %d %s for a thread without messages, want 404", a.status, a.body)
		}
		return
	}
	var list []struct {
		ID string
		message
	}
	if err := json.Unmarshal([]byte(a.body), &list); err != nil || a.status != http.StatusOK {
		c.Fatalf("got %v, %d %s, want 200", err, a.status, a.body)
	}
	var got []message
	for i, m := range list {
		got = append(got, m.message)
		if i > 0 && m.ID <= list[i-1].ID {
			c.Fatalf("got message %s after %s, want ids in order", m.ID, list[i-1].ID)
		}
		if id, ok := c.answers[i]; ok && id != m.ID {
			c.Fatalf("got message %s, want the reported id %s", m.ID, id)
		}
	}
	if d := cmp.Diff(c.said, got, cmpopts.EquateEmpty()); d != "" {
		c.Fatalf("stored messages (-want +got):\n%s", d)
	}
}

// A new way to chat must be added to this test.
func TestSurfaces_AllChatsCovered(t *testing.T) {
	var told, chats []string
	for _, forms := range surfaces {
		told = append(told, forms[0].function)
	}
	for _, r := range routes.All {
		if r.Stream != nil && !strings.HasSuffix(r.Function, "-list") { // lists stream only because they are long
			chats = append(chats, r.Function)
		}
	}
	slices.Sort(told)
	slices.Sort(chats)
	if d := cmp.Diff(chats, told); d != "" {
		t.Errorf("functions tested here (-want +got):\n%s", d)
	}
}
