package hook_test

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/automation/hook"
	"github.com/quintet-agents/quintet/shared/dynamo"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/work"
)

func TestCreate_StartsRun(t *testing.T) {
	w := newWorld(t)
	a := w.publish(t, "incoming-orders", automation.StandardWebhooks)
	got := standard(t, "incoming-orders", "msg_1", `{"order": 4711}`, w.now()).send(t, w.process(w.Store))
	if got.status != http.StatusAccepted || got.run == "" || got.body != `{"run_id":"`+got.run+`"}` {
		t.Fatalf("got %d %s, want 202 with the run's id", got.status, got.body)
	}
	ref := automation.Ref{OrgID: w.org, AutomationID: a.ID, ID: got.run}
	run, err := w.Store.Run(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"body":{"order":4711},"headers":{"content-type":"application/json","webhook-id":"msg_1","webhook-timestamp":"` +
		strconv.FormatInt(w.now().Unix(), 10) + `"},"content_type":"application/json"}`
	if string(run.Trigger) != want || run.Version != 1 || run.Cause != automation.ByWebhook || run.State != automation.Running || len(run.Secrets) != 1 {
		t.Errorf("got %+v with trigger %s, want a run with %s", run, run.Trigger, want)
	}
	if d := cmp.Diff([]work.Message{{Body: ref}}, w.woken); d != "" {
		t.Errorf("messages (-want +got):\n%s", d)
	}
}

// Requests with the same id start one run and get the same answer, whatever else they say, for as
// long as the id is kept.
func TestCreate_ReplayedID(t *testing.T) {
	w := newWorld(t)
	a := w.publish(t, "incoming-orders", automation.StandardWebhooks)
	first := standard(t, "incoming-orders", "msg_1", `{"order":1}`, w.now()).send(t, w.process(w.Store))
	for _, after := range []time.Duration{0, 28 * time.Hour, hook.Kept - 29*time.Hour} {
		w.wait(after)
		again := standard(t, "incoming-orders", "msg_1", `{"order":1,"attempt":2}`, w.now()).send(t, w.process(w.Store))
		if again.status != http.StatusAccepted || again.body != first.body || !again.replayed {
			t.Errorf("after %s: got %d %s, want %s again", after, again.status, again.body, first.body)
		}
	}
	if other := standard(t, "incoming-orders", "msg_2", `{"order":1}`, w.now()).send(t, w.process(w.Store)); other.status != http.StatusAccepted || other.run == first.run || other.replayed {
		t.Errorf("another id: got %d %s, want another run", other.status, other.body)
	}
	if got := w.runs(t, a); len(got) != 2 || len(w.woken) != 2 {
		t.Errorf("got %d runs and %d messages, want 2", len(got), len(w.woken))
	}
	w.wait(2 * time.Hour)
	if late := standard(t, "incoming-orders", "msg_1", `{"order":1}`, w.now()).send(t, w.process(w.Store)); late.status != http.StatusAccepted || late.replayed {
		t.Errorf("after the id was forgotten: got %d %s, want a new run", late.status, late.body)
	}
	b := w.publish(t, "other-orders", automation.StandardWebhooks)
	if other := standard(t, "other-orders", "msg_2", `{"order":1}`, w.now()).send(t, w.process(w.Store)); other.replayed || len(w.runs(t, b)) != 1 {
		t.Errorf("the same id to another automation: got %d %s, want a run", other.status, other.body)
	}
}

func TestCreate_ReplayedAtOnce(t *testing.T) {
	const senders = 20
	w := newWorld(t)
	for _, c := range []struct {
		by   automation.VerifyType
		path string
		send func() request
	}{
		{automation.StandardWebhooks, "incoming-standard", func() request { return standard(t, "incoming-standard", "msg_1", `{"order":1}`, w.now()) }},
		{automation.HMACSHA256, "incoming-hashed", func() request { return hashed("incoming-hashed", `{"order":1}`, "Idempotency-Key", "order 1") }},
	} {
		t.Run(string(c.by), func(t *testing.T) {
			a := w.publish(t, c.path, c.by)
			got := make([]answer, senders)
			var all sync.WaitGroup
			for i := range got {
				all.Go(func() { got[i] = c.send().send(t, w.process(w.Store)) })
			}
			all.Wait()
			fresh := 0
			for _, g := range got {
				if g.status != http.StatusAccepted || g.body != got[0].body {
					t.Errorf("got %d %s, want 202 %s", g.status, g.body, got[0].body)
				}
				if !g.replayed {
					fresh++
				}
			}
			if runs := w.runs(t, a); fresh != 1 || !slices.Equal(runs, []string{got[0].run}) {
				t.Errorf("got %d first answers and the runs %v, want one run", fresh, runs)
			}
		})
	}
}

// An id that no signature covers counts for one body: an Idempotency-Key with another one is a
// conflict, and a webhook-id with another one is another event. Without an id, each request is one.
func TestCreate_UnsignedIDs(t *testing.T) {
	w := newWorld(t)
	a := w.publish(t, "incoming-orders", automation.HMACSHA256)
	process := w.process(w.Store)
	seen := map[string]bool{}
	for i, c := range []struct {
		request  request
		status   int
		replayed bool
	}{
		{hashed("incoming-orders", `{"order":1}`), 202, false},
		{hashed("incoming-orders", `{"order":1}`), 202, false},
		{hashed("incoming-orders", `{"order":1}`, "Idempotency-Key", "order 1"), 202, false},
		{hashed("incoming-orders", `{"order":1}`, "Idempotency-Key", "order 1"), 202, true},
		{hashed("incoming-orders", `{"order":2}`, "Idempotency-Key", "order 1"), 409, false},
		{hashed("incoming-orders", `{"order":2}`, "Idempotency-Key", ""), 400, false},
		{hashed("incoming-orders", `{"order":2}`, "Idempotency-Key", "order-\xe9"), 400, false},
		{hashed("incoming-orders", `{"order":1}`, "webhook-id", "order 1"), 202, false},
		{hashed("incoming-orders", `{"order":1}`, "webhook-id", "order 1"), 202, true},
		{hashed("incoming-orders", `{"order":2}`, "webhook-id", "order 1"), 202, false},
	} {
		got := c.request.send(t, process)
		if got.status != c.status || got.replayed != c.replayed || got.status == 202 && seen[got.run] != c.replayed {
			t.Errorf("%d: got %d %s, replayed %t; want %d, replayed %t", i, got.status, got.body, got.replayed, c.status, c.replayed)
		}
		seen[got.run] = true
	}
	if got := w.runs(t, a); len(got) != 5 {
		t.Errorf("got %d runs, want 5", len(got))
	}
}

// A request that is not authentic stores nothing, and a flood of them asks KMS once. Without the
// headers of a signature, KMS is not asked at all.
func TestCreate_Unauthentic(t *testing.T) {
	w := newWorld(t)
	w.publish(t, "incoming-orders", automation.StandardWebhooks)
	process := w.process(w.Store)
	before := len(w.Items(t))
	valid := func() request { return standard(t, "incoming-orders", "msg_1", `{"order":1}`, w.now()) }
	for name, c := range map[string]struct {
		change func(*request)
		want   int
	}{
		"no headers":       {func(r *request) { r.header = nil }, 401},
		"a bearer":         {func(r *request) { r.header = map[string]string{"Authorization": "Bearer " + secret} }, 401},
		"another scheme":   {func(r *request) { *r = hashed("incoming-orders", r.body) }, 401},
		"old":              {func(r *request) { *r = standard(t, "incoming-orders", "msg_1", r.body, w.now().Add(-6*time.Minute)) }, 401},
		"an unknown path":  {func(r *request) { r.path = "incoming-nothing" }, 404},
		"no path of ours":  {func(r *request) { r.path = "%00" }, 404},
		"too long a body":  {func(r *request) { r.body = strings.Repeat("x", hook.MaxBody+1) }, 413},
		"an encoded body":  {func(r *request) { r.header["Content-Encoding"] = "gzip" }, 415},
		"another path":     {func(r *request) { r.path = strings.Repeat("x", 3000) }, 404},
		"an open redirect": {func(r *request) { r.path = "..%2Fx" }, 404},
	} {
		r := valid()
		c.change(&r)
		if got := r.send(t, process); got.status != c.want {
			t.Errorf("%s: got %d %s, want %d", name, got.status, got.body, c.want)
		}
	}
	if w.opened != 0 {
		t.Errorf("got %d calls of KMS, want none", w.opened)
	}
	var flood sync.WaitGroup
	for range 50 {
		flood.Go(func() {
			r := valid()
			r.body += " "
			if got := r.send(t, process); got.status != http.StatusUnauthorized {
				t.Errorf("got %d %s, want 401", got.status, got.body)
			}
		})
	}
	flood.Wait()
	if after := len(w.Items(t)); w.opened != 1 || after != before || len(w.woken) != 0 {
		t.Errorf("got %d calls of KMS, %d new items and %d messages, want 1, 0 and 0", w.opened, after-before, len(w.woken))
	}
}

// A body that is not what it says starts nothing, although it is signed.
func TestCreate_Malformed(t *testing.T) {
	w := newWorld(t)
	a := w.publish(t, "incoming-orders", automation.StandardWebhooks)
	process := w.process(w.Store)
	got := standard(t, "incoming-orders", "msg_1", `{"order":`, w.now()).send(t, process)
	if got.status != http.StatusBadRequest || !strings.Contains(got.body, "INVALID_REQUEST") || len(w.runs(t, a)) != 0 {
		t.Errorf("got %d %s, want 400 and no run", got.status, got.body)
	}
	if got := standard(t, "incoming-orders", "msg_1", `{"order":1}`, w.now()).send(t, process); got.status != http.StatusAccepted || got.replayed {
		t.Errorf("the id afterwards: got %d %s, want a run", got.status, got.body)
	}
}

// What cannot be checked is never accepted: the sender tries again.
func TestCreate_FailsClosed(t *testing.T) {
	w := newWorld(t)
	a := w.publish(t, "incoming-orders", automation.StandardWebhooks)
	send := func() answer {
		return standard(t, "incoming-orders", "msg_1", `{"order":1}`, w.now()).send(t, w.process(w.Store))
	}
	w.down = errDown
	if got := send(); got.status != http.StatusInternalServerError || strings.Contains(got.body, errDown.Error()) {
		t.Errorf("KMS down: got %d %s, want 500", got.status, got.body)
	}
	w.down = nil
	sealed := a.Published.Secrets[automation.VerifySecret]
	for name, change := range map[string]func(p *automation.Published){
		"no secret": func(p *automation.Published) { p.Secrets = nil },
		"another's secret": func(p *automation.Published) {
			p.Secrets = automation.Secrets{automation.VerifySecret: []byte("sealed for another")}
		},
		"an unknown scheme": func(p *automation.Published) { p.Trigger.Verify = &automation.Verify{Type: "none"} },
		"no scheme":         func(p *automation.Published) { p.Trigger.Verify = nil },
	} {
		w.change(t, a.ID, func(a *automation.Automation) { change(a.Published) })
		if got := send(); got.status != http.StatusInternalServerError {
			t.Errorf("%s: got %d %s, want 500", name, got.status, got.body)
		}
		w.change(t, a.ID, func(a *automation.Automation) {
			a.Published.Secrets = automation.Secrets{automation.VerifySecret: sealed}
			a.Published.Trigger.Verify = &automation.Verify{Type: automation.StandardWebhooks}
		})
	}
	if got := w.runs(t, a); len(got) != 0 {
		t.Errorf("got the runs %v, want none", got)
	}
	if got := send(); got.status != http.StatusAccepted {
		t.Errorf("afterwards: got %d %s, want 202", got.status, got.body)
	}
}

// Changes of an automation apply to the next request, in processes that know it, too.
func TestCreate_ChangesApplyAtOnce(t *testing.T) {
	w := newWorld(t)
	a := w.publish(t, "incoming-orders", automation.HMACSHA256)
	process := w.process(w.Store)
	expect := func(name string, r request, status, version int) {
		t.Helper()
		got := r.send(t, process)
		if got.status != status {
			t.Fatalf("%s: got %d %s, want %d", name, got.status, got.body, status)
		}
		if status != http.StatusAccepted {
			return
		}
		run, err := w.Store.Run(t.Context(), automation.Ref{OrgID: w.org, AutomationID: a.ID, ID: got.run})
		if err != nil || run.Version != version {
			t.Errorf("%s: got version %d, %v, want %d", name, run.Version, err, version)
		}
	}
	expect("published", hashed("incoming-orders", "{}"), 202, 1)
	w.change(t, a.ID, func(a *automation.Automation) { a.Disabled = true })
	expect("disabled", hashed("incoming-orders", "{}"), 404, 0)
	unsigned := hashed("incoming-orders", "{}")
	unsigned.body = "[]"
	expect("disabled, and not signed", unsigned, 401, 0)
	w.change(t, a.ID, func(a *automation.Automation) { a.Disabled = false })
	expect("enabled", hashed("incoming-orders", "{}"), 202, 1)
	w.change(t, a.ID, func(a *automation.Automation) {
		w.define(t, a, "incoming-orders", automation.HMACSHA256, "another secret of the same path")
	})
	expect("another secret", hashed("incoming-orders", "{}"), 401, 0)
	w.change(t, a.ID, func(a *automation.Automation) { w.define(t, a, "incoming-elsewhere", automation.HMACSHA256, secret) })
	expect("the old path", hashed("incoming-orders", "{}"), 404, 0)
	expect("the new path", hashed("incoming-elsewhere", "{}"), 202, 3)
	b := w.publish(t, "incoming-orders", automation.HMACSHA256)
	expect("the old path, of another automation", request{"incoming-orders", "[]", nil}, 401, 0)
	if err := w.Store.DeleteAutomation(t.Context(), nil, w.org, b.ID); err != nil {
		t.Fatal(err)
	}
	if err := w.Store.DeleteAutomation(t.Context(), nil, w.org, a.ID); err != nil {
		t.Fatal(err)
	}
	expect("deleted", hashed("incoming-elsewhere", "{}"), 404, 0)
	expect("deleted, too", hashed("incoming-orders", "{}"), 404, 0)
}

// An org's flood ends at its limit, until the next minute. Repetitions are not counted, and another
// org is not held up.
func TestCreate_RateLimit(t *testing.T) {
	w := newWorld(t)
	w.wait(20 * time.Second)
	a := w.publish(t, "incoming-orders", automation.StandardWebhooks)
	send := func(path, id string) answer {
		return standard(t, path, id, `{"order":1}`, w.now()).send(t, w.process(w.Store))
	}
	send("incoming-orders", "msg_1")
	w.spend(t, w.org, hook.PerMinute-2)
	for id, want := range map[string]int{"msg_1": 202, "msg_2": 202} {
		if got := send("incoming-orders", id); got.status != want {
			t.Errorf("%s, up to the limit: got %d %s, want %d", id, got.status, got.body, want)
		}
	}
	if got := send("incoming-orders", "msg_3"); got.status != http.StatusTooManyRequests || got.retryAfter != "40" || !strings.Contains(got.body, "RATE_LIMITED") {
		t.Errorf("beyond the limit: got %d %s after %s, want 429 after 40 s", got.status, got.body, got.retryAfter)
	}
	if got := send("incoming-orders", "msg_2"); got.status != http.StatusAccepted || !got.replayed {
		t.Errorf("a repetition beyond the limit: got %d %s, want 202", got.status, got.body)
	}
	w.org = w.Org(t, ledger.Credit)
	w.publish(t, "other-orders", automation.StandardWebhooks)
	if got := send("other-orders", "msg_3"); got.status != http.StatusAccepted {
		t.Errorf("another org: got %d %s, want 202", got.status, got.body)
	}
	w.wait(40 * time.Second)
	if got := send("incoming-orders", "msg_3"); got.status != http.StatusAccepted || got.replayed || len(w.runs(t, a)) != 3 {
		t.Errorf("in the next minute: got %d %s, want a run", got.status, got.body)
	}
}

// A large run counts several times: once for each 8 KiB that it stores.
func TestCreate_RateLimitOfLargeRuns(t *testing.T) {
	w := newWorld(t)
	w.publish(t, "incoming-orders", automation.StandardWebhooks)
	send := func(id, body string) answer {
		return standard(t, "incoming-orders", id, body, w.now()).send(t, w.process(w.Store))
	}
	send("msg_0", `{"order":0}`)
	w.spend(t, w.org, hook.PerMinute-4)
	if got := send("msg_1", `"`+strings.Repeat("a", 2*hook.UnitSize)+`"`); got.status != http.StatusAccepted {
		t.Errorf("a large webhook, within the limit: got %d %s, want 202", got.status, got.body)
	}
	if got := send("msg_2", `{"order":1}`); got.status != http.StatusTooManyRequests {
		t.Errorf("a small webhook after it: got %d %s, want 429", got.status, got.body)
	}
}

// dying is a store whose process dies after a run was stored, and before it answers.
type dying struct {
	*dynamo.Store
}

func (d dying) StartRun(ctx context.Context, once *idempotency.Change, r automation.Run) error {
	if err := d.Store.StartRun(ctx, once, r); err != nil {
		return err
	}
	return errDown
}

// A process that dies between the run and its message, or before the answer, leaves one run. The
// sweep finds it, and the sender's next attempt gets its id.
func TestCreate_Killed(t *testing.T) {
	for name, die := range map[string]func(w *world) hook.Store{
		"before the message": func(w *world) hook.Store { w.send = func() error { panic("killed") }; return w.Store },
		"the message lost":   func(w *world) hook.Store { w.send = func() error { return errDown }; return w.Store },
		"the response lost":  func(w *world) hook.Store { return dying{w.Store} },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			a := w.publish(t, "incoming-orders", automation.StandardWebhooks)
			send := func() request { return standard(t, "incoming-orders", "msg_1", `{"order":1}`, w.now()) }
			first := send().send(t, w.process(die(w)))
			if want := map[bool]int{true: 202, false: 500}[name == "the message lost"]; first.status != want {
				t.Errorf("got %d %s, want %d", first.status, first.body, want)
			}
			w.send = nil
			runs := w.runs(t, a)
			if again := send().send(t, w.process(w.Store)); len(runs) != 1 || again.status != 202 || again.run != runs[0] || !again.replayed {
				t.Errorf("got %d %s and the runs %v, want 202 with the only run", again.status, again.body, runs)
			}
			var due []string
			err := w.Store.WaitingRuns().Waiting(t.Context(), w.now().Add(work.Ahead), func(page []work.Due[automation.Ref]) error {
				for _, d := range page {
					due = append(due, d.Ref.ID)
				}
				return nil
			})
			if err != nil || !slices.Equal(due, runs) || len(w.woken) != 0 {
				t.Errorf("the sweep: got %v, %v, want %v", due, err, runs)
			}
		})
	}
}

// The longest body of an automation with the longest definition fits into the table.
func TestCreate_Longest(t *testing.T) {
	w := newWorld(t)
	a := w.publish(t, "incoming-orders", automation.HMACSHA256)
	w.change(t, a.ID, func(a *automation.Automation) {
		a.Published.Steps = nil
		for i := range automation.MaxSteps {
			query := strings.Repeat("&a=<b>", automation.MaxDefinition/automation.MaxSteps/6-20)
			a.Published.Steps = append(a.Published.Steps, automation.Step{ID: "s" + strconv.Itoa(i), Type: automation.HTTP, URL: "https://a.example/?" + query})
		}
		a.Draft = a.Published.Draft
		for i := range 20 {
			a.Published.Secrets["header/s0/X-"+strconv.Itoa(i)] = make([]byte, 2300)
		}
	})
	body := `["` + strings.Repeat("<&", (hook.MaxBody-4)/2) + `"]`
	got := hashed("incoming-orders", body).send(t, w.process(w.Store))
	if got.status != http.StatusAccepted {
		t.Fatalf("got %d %s, want 202", got.status, got.body)
	}
	run, err := w.Store.Run(t.Context(), automation.Ref{OrgID: w.org, AutomationID: a.ID, ID: got.run})
	var kept struct{ Body json.RawMessage }
	if err != nil || json.Unmarshal(run.Trigger, &kept) != nil || string(kept.Body) != body || len(run.Definition.Steps) != automation.MaxSteps {
		t.Errorf("got a body of %d bytes, %v, want %d", len(kept.Body), err, len(body))
	}
}

// An automation does not start itself, at once or through another one, and may start others.
func TestCreate_Chain(t *testing.T) {
	w := newWorld(t)
	first, second := w.publish(t, "first-orders", automation.Bearer), w.publish(t, "second-orders", automation.Bearer)
	to := w.process(w.Store)
	send := func(path, chain string) answer {
		return request{path, `{}`, map[string]string{"Authorization": "Bearer " + secret, automation.ChainHeader: chain}}.send(t, to)
	}
	// chain returns the header of the requests of a run's steps.
	chain := func(a automation.Automation, run string) string {
		r, err := w.Store.Run(t.Context(), automation.Ref{OrgID: w.org, AutomationID: a.ID, ID: run})
		if err != nil {
			t.Fatal(err)
		}
		p, err := automation.Next(r, nil)
		if err != nil || p == nil {
			t.Fatal(p, err)
		}
		return p.Chain(a.ID)
	}
	a := send("first-orders", "")
	b := send("second-orders", chain(first, a.run))
	if a.status != http.StatusAccepted || b.status != http.StatusAccepted {
		t.Fatalf("got %d %s and %d %s, want two runs", a.status, a.body, b.status, b.body)
	}
	for path, from := range map[string]string{
		"first-orders":  chain(first, a.run),
		"second-orders": "x, " + strings.ToUpper(second.ID),
	} {
		if got := send(path, from); got.status != http.StatusConflict || !strings.Contains(got.body, hook.ErrLoop.Message) {
			t.Errorf("%s after %s: got %d %s, want 409", path, from, got.status, got.body)
		}
	}
	if got := send("first-orders", chain(second, b.run)); got.status != http.StatusConflict {
		t.Errorf("through the second: got %d %s, want 409", got.status, got.body)
	}
}
