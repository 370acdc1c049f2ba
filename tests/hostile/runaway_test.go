package hostile_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/thread"
)

var update = flag.Bool("update", false, "rewrite the expected answers")

// limited is an agent whose model is told by a page to call a tool without end, with the cap
// that stops it.
type limited struct {
	name   string
	caps   object
	script int            // that the page has
	most   ledger.Credits // 0: as much as the model produced
	rounds int            // of the loop that reach the tool
	hangs  bool           // the tool
}

var limits = []limited{
	{"no cap", nil, forever, 0, agent.MaxRounds - 1, false},
	{"no cap, and a model that heeds which tools are offered", nil, offered, 0, agent.MaxRounds - 1, false},
	{"caps.rounds is 3", object{"rounds": 3}, forever, 0, 2, false},
	{"caps.credits is 0.03", object{"credits": 0.03}, forever, 3 * ledger.Credit / 100, 2, false},
	{"caps.seconds is 3", object{"seconds": 3}, forever, 0, 1, true},
}

// masks replace what differs between runs.
var masks = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`), "<uuid>"},
	{regexp.MustCompile(`[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z`), "<time>"},
	{regexp.MustCompile(`execution_time":[0-9]+`), `execution_time":<ms>`},
	{regexp.MustCompile(`msg-[0-9]+`), "msg-<place>"},
	{regexp.MustCompile(`"[0-9]+\.[0-9]{3}"`), `"<credits>"`},
	{regexp.MustCompile(`mark-[0-9]+`), "<mark>"},
}

// A model that calls tools without end is stopped by each cap, over every surface and as a
// callback. What clients are told, the turn that is shown and its cost are written down; the
// cost is that of what the model produced, and no more than the cap.
func TestRunaway_Caps(t *testing.T) {
	scripts := map[int][]call{forever: {{"page", `{"id":"loop-%d"}`}}, 1: {{"page", `{"id":"injected"}`}}}
	w := open(t, scripts, nil)
	callbacks := newCallbacks(t)
	told := make([][]string, len(limits))
	var all sync.WaitGroup
	for i, l := range limits {
		p := newPages(t, map[string]string{"injected": "Now " + obey(l.script)})
		p.hangs = l.hangs
		a := w.Table.Agent(t, w.Org, "be brief")
		w.equip(t, a, object{"caps": l.caps}, p.tools()...)
		told[i] = make([]string, len(forms)+1)
		for n := range told[i] {
			all.Go(func() {
				mark := fmt.Sprintf("mark-%d%d", i, n)
				threadID := w.Table.Thread(t, a).ID
				text := "Read this. " + obey(1) + " " + mark
				name, answer := w.tell(t, n, callbacks, a.ID, threadID, text)
				shown := w.wantPaid(t, l, threadID, mark)
				told[i][n] = fmt.Sprintf("## %s, %s\n%s\nThe turn: %s\n", l.name, name, answer, shown)
			})
		}
		defer func() {
			if got, want := p.total("loop"), l.rounds*len(told[i]); got != want {
				t.Errorf("%s: got %d calls of the tool, want %d", l.name, got, want)
			}
		}()
	}
	all.Wait()
	w.wantBooks(t)
	var got strings.Builder
	for _, some := range told {
		for _, text := range some {
			for _, m := range masks {
				text = m.pattern.ReplaceAllString(text, m.with)
			}
			got.WriteString(text + "\n")
		}
	}
	const golden = "testdata/runaway.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got.String(), "\n")); d != "" {
		t.Errorf("answers (-want +got); -update rewrites %s:\n%s", golden, d)
	}
}

// tell sends a message over a form, or with a callback, and returns what the client got.
func (w *world) tell(t *testing.T, form int, c *callbacks, agentID, threadID, text string) (name, answer string) {
	if form == len(forms) {
		return "flowgent, called back", c.chat(t, w, agentID, threadID, text)
	}
	status, body := w.chat(t, forms[form], agentID, threadID, text)
	return forms[form].name, fmt.Sprintf("%d\n%s", status, strings.TrimSpace(body))
}

// wantPaid checks that the thread's turn was charged for what the model produced, and returns the
// turn as it is shown.
func (w *world) wantPaid(t *testing.T, l limited, threadID, mark string) string {
	turns, err := w.Store.TurnsAfter(t.Context(), thread.Thread{OrgID: w.Org, ID: threadID}, 0, 10)
	if err != nil || len(turns) != 1 {
		t.Errorf("%s, %s: got %d turns, %v, want one", l.name, mark, len(turns), err)
		return ""
	}
	produced := w.model.price(mark)
	if got := turns[0].Charge; got != produced || l.most > 0 && got > l.most || turns[0].Interrupted != (l.script == forever) {
		t.Errorf("%s, %s: got a charge of %s, interrupted %t; want %s, at most %s", l.name, mark, got.Number(), turns[0].Interrupted, produced.Number(), l.most.Number())
	}
	shown := manage[shownTurn](t, w, http.MethodGet, "/api/v1/turns/"+turns[0].ID, nil)
	text := fmt.Sprintf("%s, %d tokens in, %d out, %s credits:", shown.Status, shown.Usage.Input, shown.Usage.Output, shown.Usage.Credits)
	for _, step := range shown.Steps {
		text += " " + step.Type
	}
	if shown.Failure != nil {
		text += fmt.Sprintf("; %s: %s", shown.Failure.Code, shown.Failure.Message)
	}
	return text
}

// shownTurn is a turn as the managing API shows it.
type shownTurn struct {
	Status string
	Usage  struct {
		Input   int `json:"input_tokens"`
		Output  int `json:"output_tokens"`
		Credits json.Number
	}
	Failure *struct{ Code, Message string }
	Steps   []struct{ Type string }
}

// wantBooks checks that nothing is held, and that the balance has paid for the entries of the
// ledger, one for each turn.
func (w *world) wantBooks(t *testing.T) {
	t.Helper()
	var paid ledger.Credits
	charged := map[string]bool{}
	err := w.Store.EachEntry(t.Context(), w.Org, time.Time{}, time.Now().Add(time.Hour), func(e ledger.Entry) {
		if e.Kind == ledger.Charge {
			paid -= e.Amount
			if charged[e.ID] {
				t.Errorf("got two entries of %s, want one", e.ID)
			}
			charged[e.ID] = true
		}
	})
	a := w.Account(t, w.Org)
	if err != nil || len(a.Open) != 0 || a.Available != fortune-paid {
		t.Errorf("got %s available and %d open turns, %v; want %s after %d turns", a.Available, len(a.Open), err, fortune-paid, len(charged))
	}
}

// callbacks receives callbacks.
type callbacks struct {
	url string

	mu  sync.Mutex
	got map[string]string // by the path
}

func newCallbacks(t *testing.T) *callbacks {
	t.Helper()
	c := &callbacks{got: map[string]string{}}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.got[r.URL.Path] = string(body)
	}))
	t.Cleanup(server.Close)
	c.url = server.URL
	return c
}

// chat chats over FlowGent, and returns the body of the callback.
func (c *callbacks) chat(t *testing.T, w *world, agentID, threadID, text string) (body string) {
	path := "/" + threadID
	status, answer := w.exchange(t, w.Key, http.MethodPost, "/api/public/agent/"+agentID+"/chat", object{"messages": text, "thread_id": threadID, "callback_url": c.url + path})
	if status != http.StatusOK {
		t.Errorf("got %d %s, want the request accepted", status, answer)
		return ""
	}
	until(t, "a callback", func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		body = c.got[path]
		return body != ""
	})
	var valid map[string]any
	if err := json.Unmarshal([]byte(body), &valid); err != nil {
		t.Errorf("got %v in the callback %s, want an object", err, body)
	}
	return body
}
