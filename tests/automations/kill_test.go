package automations_test

import (
	"flag"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/turn"
	"github.com/quintet-agents/quintet/tests/mortal"
)

// all makes the test take each end of a worker at each call, instead of one end at some calls.
var all = flag.Bool("all", false, "end a worker in every way at every call")

// stride is the distance between the calls at which the short test ends a worker.
const stride = 3

// eight returns an automation of eight types of steps.
func (w *world) eight() string {
	return fmt.Sprintf(`
		{"id": "fetch", "type": "http", "method": "GET", "url": "%[1]s/orders/{{trigger.body.id}}", "secret_headers": {"X-Key": %[2]q}},
		{"id": "keep", "type": "set", "values": {"order": "{{trigger.body.id}}", "items": "{{steps.fetch.body.items}}"}},
		{"id": "known", "type": "condition", "if": {"left": "steps.fetch.status", "op": "eq", "right": 200}, "then": [
			{"id": "ask", "type": "agent", "agent_id": %[3]q, "prompt": "order {{vars.order}}", "thread_id": "order-{{vars.order}}"}]},
		{"id": "pause", "type": "wait", "seconds": 60},
		{"id": "each", "type": "for_each", "items": "vars.items", "steps": [
			{"id": "book", "type": "http", "url": "%[1]s/book", "body": "{\"item\": \"{{item}}\", \"said\": \"{{steps.ask.text}}\"}"}]},
		{"id": "note", "type": "template", "connection_id": %[4]q, "to": "+%[5]s", "name": "order", "language": "en", "parameters": {"1": "{{vars.order}}", "2": "ready"}},
		{"id": "tell", "type": "message", "connection_id": %[4]q, "to": "+%[5]s", "text": "Order {{vars.order}}: {{steps.ask.text}}"}`,
		w.receiver.URL, hidden, w.agent.ID, w.connection.ID, w.person)
}

// Whatever call a worker ends at, each effect happens once by its id, the turn is paid once, and
// the run completes, or fails because a send was cut off.
func TestRun_WorkerEndsAnywhere(t *testing.T) {
	h := openHall(t)
	paid := ledger.Credits(0)
	t.Run("never", func(t *testing.T) {
		w := h.world(t)
		r := w.start(t, w.eight())
		w.check(t, w.settle(t, w.process(mortal.Immortal()), r.Ref), nil)
		paid = balance - h.Account(t, w.org).Balance()
		if paid <= 0 {
			t.Errorf("got the price %v of a turn, want one", paid)
		}
	})
	ends := mortal.Ends
	offset := int(time.Now().UnixNano() / 1000 % (stride * int64(len(ends))))
	t.Logf("offset %d", offset)
	kills, failed := 0, 0
	for n := 0; ; n++ {
		reached := false
		for i, e := range ends {
			if !*all && ((n+offset)%stride != 0 || (n+offset)/stride%len(ends) != i) {
				continue
			}
			kills++
			l := mortal.New(n, e)
			t.Run(fmt.Sprintf("%s call %d", e, n), func(t *testing.T) {
				w := h.world(t)
				r := w.endAt(t, l)
				if r.State == automation.Failed {
					failed++
				}
				w.check(t, r, l)
				if got := balance - h.Account(t, w.org).Balance(); got != paid {
					t.Errorf("got %v paid, want the turn once: %v", got, paid)
				}
			})
			reached = l.Reached()
		}
		if !reached && (*all || (n+offset)%stride == 0) {
			t.Logf("%d calls, %d ends, %d runs failed because a send was cut off", n, kills, failed)
			if failed*5 > kills {
				t.Errorf("got %d of %d runs failed because a send was cut off, want only those whose worker ends around the send", failed, kills)
			}
			if n < 60 {
				t.Errorf("got %d calls of a worker, want at least 60", n)
			}
			return
		}
	}
}

// endAt runs the automation with a worker that has a life, and then with others.
func (w *world) endAt(t *testing.T, l *mortal.Life) automation.Run {
	t.Helper()
	r := w.start(t, w.eight())
	p := w.process(l)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for !l.Reached() {
			m, ok := w.next(w.now().Add(5 * time.Minute))
			if !ok {
				return
			}
			w.take(t, p, m)
		}
	}()
	select {
	case <-ended:
	case <-l.Died: // what is left of it reaches nothing any more
	case <-l.Frozen:
		w.sleep(automation.LeaseTime + time.Second)
		w.settle(t, w.process(mortal.Immortal()), r.Ref)
		close(l.Thawed)
		<-ended
	}
	w.sleep(time.Minute) // the slot of a dead worker expires
	got := w.settle(t, w.process(mortal.Immortal()), r.Ref)
	w.sleep(2 * ledger.HoldLife)
	if _, err := w.Store.Sweep(t.Context(), w.now()); err != nil {
		t.Fatal(err)
	}
	return got
}

// check checks a run that has ended, and what it left at the receiver, in the threads and at Meta.
func (w *world) check(t *testing.T, r automation.Run, l *mortal.Life) {
	t.Helper()
	const cutOff = "It is unknown whether the template was sent, so it is not sent again"
	done := []string{"fetch", "keep", "known", "ask", "pause", "each", "each[0].book", "each[1].book"}
	switch {
	case r.State == automation.Completed:
		done = append(done, "note", "tell")
	case l == nil || r.State != automation.Failed || r.Error == nil || *r.Error != (automation.StepError{Step: "note", Message: cutOff}):
		t.Fatalf("got the state %s with the error %+v, want it completed, or a template that was cut off", r.State, r.Error)
	}
	steps := w.steps(t, r)
	for _, path := range done {
		if e := steps[path]; e.State != automation.StepDone {
			t.Errorf("%s: got %s %q, want it done", path, e.State, e.Error)
		}
	}
	w.checkRequests(t, r)
	w.checkTurn(t)
	w.checkMessages(t, r.State == automation.Completed)
	for path, e := range steps {
		if text := string(e.Input) + string(e.Output) + e.Error; strings.Contains(text, hidden) {
			t.Errorf("%s: got the secret in %s", path, text)
		}
	}
}

// checkRequests checks that the receiver got each request, and under its id the same one.
func (w *world) checkRequests(t *testing.T, r automation.Run) {
	t.Helper()
	bodies := map[string]string{"fetch": "", "each[0].book": `{"item": "x", "said": "You said: order 4711"}`, "each[1].book": `{"item": "y", "said": "You said: order 4711"}`}
	for path, want := range bodies {
		all := w.receiver.of(r.EffectID(path))
		if len(all) == 0 {
			t.Errorf("%s: got no request, want one", path)
		}
		for _, got := range all {
			w.verify(t, got)
			if string(got.body) != want || got.header.Get("Webhook-Id") != r.EffectID(path) {
				t.Errorf("%s: got %s under the id %s, want %s", path, got.body, got.header.Get("Webhook-Id"), want)
			}
		}
	}
	if got := w.receiver.of(r.EffectID("fetch")); len(got) > 0 && got[0].header.Get("X-Key") != hidden {
		t.Errorf("got the secret header %q, want its value", got[0].header.Get("X-Key"))
	}
}

// checkTurn checks that the agent answered once, and that its account has no open turn.
func (w *world) checkTurn(t *testing.T) {
	t.Helper()
	c, err := w.Store.Conversation(t.Context(), w.org, "order-4711", 10)
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, turn := range c.Turns {
		said = append(said, turn.Assistant)
		if !turn.Automatic() {
			t.Errorf("got the turn %s on %s, want one of an automation", turn.ID, turn.Channel)
		}
	}
	if d := cmp.Diff([]string{"You said: order 4711"}, said); d != "" {
		t.Errorf("answers of the agent (-want +got):\n%s", d)
	}
	if open := w.Account(t, w.org).Open; len(open) != 0 {
		t.Errorf("got the open turns %v, want none", open)
	}
}

// checkMessages checks that Meta took the template and the text once, and that both are in the
// person's thread. A run that failed sent no text, and its template at most once.
func (w *world) checkMessages(t *testing.T, completed bool) {
	t.Helper()
	templates, texts := 0, 0
	for _, m := range w.meta.Accepted() {
		switch {
		case m.To != w.person:
		case m.Template != "":
			templates++
		case m.Text == "Order 4711: You said: order 4711":
			texts++
		}
	}
	if templates > 1 || texts > 1 || completed && (templates != 1 || texts != 1) || !completed && texts != 0 {
		t.Errorf("got %d templates and %d texts at Meta with a run that completed: %t", templates, texts, completed)
	}
	if !completed {
		return
	}
	found := map[turn.Author]int{}
	for _, n := range w.notes(t) {
		if n.Automatic() {
			found[n.Author]++
		}
	}
	if d := cmp.Diff(map[turn.Author]int{turn.Template: 1, "": 1}, found); d != "" {
		t.Errorf("messages in the person's thread by author (-want +got):\n%s", d)
	}
}

// notes returns the entries of the person's thread.
func (w *world) notes(t *testing.T) []turn.Turn {
	t.Helper()
	threads, err := w.Store.ThreadsAndChannels(t.Context(), w.org, w.agent.ID, nil, 10)
	if err != nil {
		t.Fatal(err)
	}
	var all []turn.Turn
	for _, th := range threads {
		if th.Channel != string(w.connection.Channel) {
			continue
		}
		c, err := w.Store.Conversation(t.Context(), w.org, th.ID, 50)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c.Turns...)
	}
	return all
}
