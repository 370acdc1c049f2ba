// Package providers_test runs the product against model servers that differ from OpenAI's: each
// behaviour of a server gives one right answer or error on every surface, whole and streamed,
// with equal charges.
package providers_test

import (
	"bytes"
	stdcontext "context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/ssm/ssmtest"
	"github.com/quintet-agents/quintet/tests/rig"
)

func TestMain(m *testing.M) { rig.Main(m) }

const fortune = 10_000 * ledger.Credit

// world is the product with the test's server as its model.
type world struct {
	*rig.Rig

	server *server
	agents map[string]agent.Agent // by behaviour
}

func start(t *testing.T) *world {
	t.Helper()
	s := &server{behaviours: behaviours(), asked: map[string]int{}}
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	seconds := strconv.FormatFloat(limit.Seconds(), 'f', -1, 64)
	key := ssmtest.Name(t)
	ssmtest.Put(t, key, "secret")
	product := rig.Start(t, fortune, func(a *ledger.Account) { a.Limits.MonthlyMessagesHosted, a.Limits.MonthlyTokensHosted = 1e9, 1e9 })
	w := &world{server: s, agents: map[string]agent.Agent{}, Rig: product.Configured(t, map[string]string{
		"ModelBaseUrl": web.URL + "/v1", "ModelApiKeyParameter": key,
		"ModelFirstTokenSeconds": seconds, "ModelIdleSeconds": seconds, "ModelAnswerSeconds": seconds,
	})}
	ctx := stdcontext.Background()
	for name := range s.behaviours {
		a, draft := agent.New(w.Org, "Test Agent", "", "be brief", w.Now())
		draft.Settings.Model = name
		if err := w.Store.CreateAgent(ctx, nil, a, draft); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Store.DeployVersion(ctx, nil, w.Org, a.ID, draft.ID, w.Now()); err != nil {
			t.Fatal(err)
		}
		w.agents[name] = a
	}
	return w
}

func TestServers_Behaviours(t *testing.T) {
	w := start(t)
	names := slices.Sorted(maps.Keys(w.server.behaviours))
	if len(names) < 60 {
		t.Errorf("got %d behaviours, want at least 60", len(names))
	}
	var forms sync.WaitGroup
	for _, s := range surfaces() {
		forms.Go(func() {
			for _, name := range names {
				w.chat(t, s, name)
			}
		})
	}
	forms.Wait()
	w.checkBooks(t)
}

// chat is a thread over one surface, with one behaviour.
func (w *world) chat(t *testing.T, s surface, name string) {
	b, a := w.server.behaviours[name], w.agents[name]
	c := chat{world: w, T: t, surface: s, behaviour: b, name: name, thread: w.Table.Thread(t, a).ID}
	c.target = a.Slug
	if s.name == "flapjack" {
		c.target = c.thread
	}
	for turn := range max(b.turns, 1) {
		c.turn(turn)
	}
}

type chat struct {
	*testing.T
	*world
	surface

	behaviour behaviour
	name      string // of the behaviour
	target    string
	thread    string
	said      []said // messages of the thread
}

type said struct{ Role, Content string }

func (c *chat) fail(format string, args ...any) {
	c.Errorf("%s, %s: "+format, append([]any{c.name, c.surface.name}, args...)...)
}

func (c *chat) turn(n int) {
	text := fmt.Sprintf("%s over %s, turn %d ", c.name, c.surface.name, n)
	text += strings.Repeat("x", max(c.behaviour.size-len(text), 0))
	key := fmt.Sprintf("%x", text[:min(len(text), 80)])
	got, _ := c.send(text, key)
	c.check(got)
	if c.behaviour.fails == "" || c.surface.stream && c.behaviour.told != "" {
		answer := c.behaviour.text
		if c.behaviour.fails != "" {
			answer = c.behaviour.told
		}
		c.said = append(c.said, said{"user", text}, said{"assistant", answer})
		c.checkReplay(text, key, got)
	}
	if diff := cmp.Diff(c.said, c.messages(), cmpopts.EquateEmpty()); diff != "" {
		c.fail("messages of the thread (-want +got):\n%.2000s", diff)
	}
}

// check compares the client's answer with the behaviour.
func (c *chat) check(got telling) {
	b := c.behaviour
	want := telling{status: http.StatusOK, text: b.text}
	if b.fails != "" {
		e := c.codes[b.fails]
		want = telling{status: e.status, code: e.code}
		if c.surface.stream && b.told != "" {
			want.status = http.StatusOK
		}
	}
	pieces := strings.Join(got.pieces, "")
	got.pieces = nil
	// A stream may begin and then fail before its first text.
	if c.surface.stream && b.fails != "" && b.told == "" && got.status == http.StatusOK {
		want.status = http.StatusOK
	}
	if got.status != want.status || got.code != want.code || got.text != want.text {
		c.fail("got %d, code %q, text %.100q; want %d, %q, %.100q", got.status, got.code, got.text, want.status, want.code, want.text)
	}
	if want := b.text + b.told; c.surface.stream && pieces != want {
		c.fail("got pieces %.100q (%d bytes), want %.100q (%d)", pieces, len(pieces), want, len(want))
	}
}

// checkReplay repeats the request: the same pieces are replayed, and the model is not asked.
func (c *chat) checkReplay(text, key string, first telling) {
	asked := c.server.timesAsked(text)
	again, replayed := c.send(text, key)
	if diff := cmp.Diff(first, again, cmp.AllowUnexported(telling{})); diff != "" || !replayed {
		c.fail("got replayed %v, want true; answer (-want +got):\n%.2000s", replayed, diff)
	}
	if n := c.server.timesAsked(text); n != asked {
		c.fail("got %d further requests to the model for a replay, want none", n-asked)
	}
}

// send sends a message and returns the client's answer, and whether it was a replay.
func (c *chat) send(text, key string) (telling, bool) {
	body, err := json.Marshal(c.body(text, c.thread))
	if err != nil {
		panic(err)
	}
	status, header, answer := c.exchange(http.MethodPost, fmt.Sprintf(c.path, c.target), body, key)
	got, err := c.read(status, answer)
	if err != nil {
		c.fail("got %v in %.500q, want an answer", err, answer)
	}
	return got, header.Get("Idempotency-Replayed") == "true"
}

// messages reads the thread.
func (c *chat) messages() []said {
	status, _, body := c.exchange(http.MethodGet, "/api/threads/"+c.thread+"/messages?limit=100", nil, "")
	var kept []said
	if err := json.Unmarshal([]byte(body), &kept); err != nil || status != http.StatusOK {
		c.fail("got %v: %d %.500s, want a 200", err, status, body)
	}
	return kept
}

func (c *chat) exchange(method, path string, body []byte, key string) (int, http.Header, string) {
	r, err := http.NewRequest(method, c.Runner.URL()+path, bytes.NewReader(body))
	if err != nil {
		panic(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.Key)
	r.Header.Set("Content-Type", "application/json")
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		c.fail("%v", err)
		return 0, nil, ""
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		c.fail("%v", err)
	}
	return res.StatusCode, res.Header, string(answer)
}

// most returns an upper bound for the charge of a turn with a behaviour, whatever usage its server
// reports: a token for each byte, and the tokens that a provider adds.
func (b behaviour) most() ledger.Credits {
	prompt := max(b.turns, 1)*(b.size+len(b.text)+1000) + 1000
	answer := len(b.text) + len(b.told) + 1000
	return ledger.DefaultPrices.Charge(model.Usage{Input: prompt, Output: answer})
}

// checkBooks compares the account with the turns in threads.
func (w *world) checkBooks(t *testing.T) {
	t.Helper()
	var sum ledger.Credits
	turns := 0
	for _, item := range w.Items(t) {
		charge, ok := item["charge"].(*types.AttributeValueMemberN)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(charge.Value, 10, 64)
		if _, settled := item["assistant_text"]; !settled || err != nil {
			continue
		}
		turns++
		sum += ledger.Credits(n)
		name, _ := item["model"].(*types.AttributeValueMemberS)
		if c, most := ledger.Credits(n), w.server.behaviours[name.Value].most(); c <= 0 || c > most {
			t.Errorf("a turn of %q: got a charge of %s, want at most %s", name.Value, c, most)
		}
	}
	a := w.Account(t, w.Org)
	if got, want := a.Balance(), fortune-sum; got != want || a.Available != got {
		t.Errorf("got balance %s, %s available, want %s after %d turns", got, a.Available, want, turns)
	}
	t.Logf("%d turns cost %s", turns, sum)
}
