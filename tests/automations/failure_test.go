package automations_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/tests/graph"
	"github.com/quintet-agents/quintet/tests/mortal"
)

// failing is a step that fails, and how its run shows it.
type failing struct {
	name     string
	step     string // without its id; $URL, $AGENT, $CONNECTION and $TO are replaced
	before   func(t *testing.T, w *world)
	state    automation.StepState // empty: StepFailed
	attempts int                  // 0: 1
	want     string               // the beginning of the error
}

// answers makes the receiver answer with a status.
func answers(status int, body string, headers ...string) func(*testing.T, *world) {
	return func(_ *testing.T, w *world) {
		w.receiver.mu.Lock()
		defer w.receiver.mu.Unlock()
		w.receiver.answer = func(out http.ResponseWriter, _ *http.Request) bool {
			for i := 0; i+1 < len(headers); i += 2 {
				out.Header().Set(headers[i], headers[i+1])
			}
			out.WriteHeader(status)
			_, _ = fmt.Fprint(out, body)
			return true
		}
	}
}

// refuses makes Meta refuse the next messages.
func refuses(n int, reply graph.Reply) func(*testing.T, *world) {
	return func(_ *testing.T, w *world) {
		for range n {
			w.meta.Refuse(reply)
		}
	}
}

func (w *world) change(t *testing.T, change func(*connection.Connection)) {
	t.Helper()
	c := w.connection
	c.ID, c.CreatedAt = connection.NewID(), w.now()
	change(&c)
	if err := w.Store.CreateConnection(t.Context(), nil, c, connection.Sealed{"access_token": []byte("t")}); err != nil {
		t.Fatal(err)
	}
	w.connection = c
}

var failures = []failing{
	{name: "refused", step: `"type": "http", "url": "$URL"`, before: answers(404, "nothing here"), want: "The answer has the status 404: nothing here"},
	{name: "down", step: `"type": "http", "url": "$URL"`, before: answers(500, ""), attempts: 3, want: "The answer has the status 500"},
	{name: "down, one attempt", step: `"type": "http", "url": "$URL", "retry": {"attempts": 1}`, before: answers(503, ""), want: "The answer has the status 503"},
	{name: "redirect", step: `"type": "http", "url": "$URL"`, before: answers(302, "", "Location", "http://127.0.0.1:1/"), want: "The answer is a redirect (status 302), which is not followed"},
	{name: "private address", step: `"type": "http", "url": "http://10.0.0.1/"`, want: "The URL leads to an address that is not allowed"},
	{name: "no server", step: `"type": "http", "url": "http://127.0.0.1:1/"`, attempts: 3, want: "There was no answer: connection refused"},
	{name: "hanging", step: `"type": "http", "url": "$URL", "timeout_seconds": 1, "retry": {"attempts": 1}`, before: func(_ *testing.T, w *world) {
		w.receiver.mu.Lock()
		defer w.receiver.mu.Unlock()
		w.receiver.answer = func(_ http.ResponseWriter, r *http.Request) bool { <-r.Context().Done(); return true }
	}, want: "There was no answer within 1 seconds"},
	{name: "a path that leads elsewhere", step: `"type": "http", "url": "$URL/a/{{trigger.body.none}}/b"`, want: "The request could not be made of its template: "},
	{name: "the secret in an error", step: `"type": "http", "url": "$URL", "secret_headers": {"X-Key": "kept-to-ourselves"}`, before: answers(400, "bad key kept-to-ourselves"), want: "The answer has the status 400: bad key [secret]"},

	{name: "unknown agent", step: `"type": "agent", "agent_id": "nobody", "prompt": "hi"`, want: "The agent could not be asked: Agent not found"},
	{name: "agent without a version", step: `"type": "agent", "agent_id": "$AGENT", "prompt": "hi"`, before: func(t *testing.T, w *world) { w.agent, _ = w.Draft(t, w.org, "not yet") }, want: "The agent could not be asked: The agent has no deployed version"},
	{name: "no credits", step: `"type": "agent", "agent_id": "$AGENT", "prompt": "hi"`, before: func(t *testing.T, w *world) {
		w.spend(t, balance)
	}, want: "The agent could not be asked: "},
	{name: "an answer that reaches a cap", step: `"type": "agent", "agent_id": "$AGENT", "prompt": "[[words 900]]"`, before: func(t *testing.T, w *world) {
		draft, err := w.Store.ChangeDraft(t.Context(), nil, w.org, w.agent.ID, w.now(), func(v *agent.Version) error {
			v.Settings.Caps.Credits = ledger.Credit / 100
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Store.DeployVersion(t.Context(), nil, w.org, w.agent.ID, draft.ID, w.now()); err != nil {
			t.Fatal(err)
		}
	}, want: "The agent's answer is incomplete (turn "},
	{name: "throttled model", step: `"type": "agent", "agent_id": "$AGENT", "prompt": "[[throttle]]"`, attempts: 3, want: "The agent could not be asked: "},
	{name: "failing model", step: `"type": "agent", "agent_id": "$AGENT", "prompt": "[[fail]]", "retry": {"attempts": 2}`, attempts: 2, want: "The agent could not be asked: "},
	{name: "unknown model", step: `"type": "agent", "agent_id": "$AGENT", "prompt": "[[nomodel]]"`, want: "The agent could not be asked: "},
	{name: "rates for an hour", step: `"type": "agent", "agent_id": "$AGENT", "prompt": "hi"`, before: func(t *testing.T, w *world) {
		if _, err := w.Store.ChangeLimits(t.Context(), nil, w.org, ledger.LimitsPatch{RatePerMinute: new(0)}); err != nil {
			t.Fatal(err)
		}
	}, want: "The agent could not be asked: "},
	{name: "thread of another agent", step: `"type": "agent", "agent_id": "$AGENT", "prompt": "hi", "thread_id": "$THREAD"`, want: "The agent could not be asked: The thread belongs to another agent"},
	{name: "no thread id", step: `"type": "agent", "agent_id": "$AGENT", "prompt": "hi", "thread_id": "a b"`, want: "The thread_id must be 1 to 128 of"},
	{name: "empty prompt", step: `"type": "agent", "agent_id": "$AGENT", "prompt": "{{trigger.body.none}}"`, want: "The prompt is empty"},

	{name: "no phone number", step: template(`"to": "Ann"`), want: "The recipient must be a phone number"},
	{name: "unknown connection", step: strings.Replace(template(`"to": "$TO"`), "$CONNECTION", "none", 1), want: "The connection to send over does not exist"},
	{name: "disabled connection", step: template(`"to": "$TO"`), before: disabled, want: "The connection to send over is disabled"},
	{name: "not WhatsApp", step: template(`"to": "$TO"`), before: func(t *testing.T, w *world) {
		w.change(t, func(c *connection.Connection) {
			c.Channel, c.Identifiers = connection.Messenger, map[string]string{"page_id": "3"}
		})
	}, want: "Templates are sent over WhatsApp connections only"},
	{name: "template to a person who opted out", step: template(`"to": "$TO"`), before: optedOut, want: "The person does not want to receive messages"},
	{name: "unknown template", step: strings.Replace(template(`"to": "$TO"`), `"order"`, `"other"`, 1), want: "The template was not sent: "},
	{name: "mixed parameters", step: strings.Replace(template(`"to": "$TO"`), `"2"`, `"name"`, 1), want: "The parameters of the template must all have names"},
	{name: "throttled by Meta", step: template(`"to": "$TO"`), before: refuses(3, graph.Throttle(30)), attempts: 3, want: "The template was not sent: "},
	{name: "token refused", step: template(`"to": "$TO"`), before: refuses(1, graph.Error(401, 190, "Error validating access token")), want: "The template was not sent: "},
	{name: "template lost", step: template(`"to": "$TO"`), before: func(_ *testing.T, w *world) { w.meta.Lose(graph.HangUp) }, state: automation.StepUnknown, want: "It is unknown whether the template was sent, so it is not sent again"},

	{name: "text without a phone number", step: text(`"to": "Ann"`), want: "The message was not sent: to must be a phone number"},
	{name: "text over an unknown connection", step: strings.Replace(text(`"to": "$TO"`), "$CONNECTION", "none", 1), want: "The message was not sent: The connection to send over does not exist"},
	{name: "text over a disabled connection", step: text(`"to": "$TO"`), before: disabled, want: "The message was not sent: The connection to send over is disabled"},
	{name: "text to a person who opted out", step: text(`"to": "$TO"`), before: optedOut, want: "The message was not sent: The person does not want to receive messages"},
	{name: "text after 24 hours", step: text(`"to": "$TO"`), before: func(_ *testing.T, w *world) { w.sleep(25 * time.Hour) }, want: "The message was not sent: The person has not written for 24 hours"},
	{name: "text to somebody new", step: text(`"to": "+31687654321"`), want: "The message was not sent: The person has not written for 24 hours"},
	{name: "text refused", step: text(`"to": "$TO"`), before: func(_ *testing.T, w *world) { w.meta.Block(w.person) }, want: "The message was not sent: "},
	{name: "text lost", step: text(`"to": "$TO"`), before: func(_ *testing.T, w *world) { w.meta.Lose(graph.HangUp) }, state: automation.StepUnknown, want: "It is unknown whether the message was sent, so it is not sent again"},
	{name: "text that waits for its connection", step: text(`"to": "$TO"`), before: refuses(1, graph.Error(401, 190, "Error validating access token")), state: automation.StepUnknown, want: "The message waits to be sent, and may still be"},
	{name: "long subject", step: `"type": "message", "connection_id": "$CONNECTION", "to": "$TO", "text": "a", "subject": "` + strings.Repeat("{{run.id}}", 50) + `"`, want: "The subject is longer than 998 bytes"},
	{name: "long parameters", step: `"type": "template", "connection_id": "$CONNECTION", "to": "$TO", "name": "order", "language": "en", "parameters": {"1": "` + strings.Repeat("{{run.id}}", 1000) + `", "2": "` + strings.Repeat("{{run.id}}", 1000) + `"}`, want: "The parameters of the template are longer than 64 KiB"},
	{name: "empty text", step: `"type": "message", "connection_id": "$CONNECTION", "to": "$TO", "text": "{{trigger.body.none}}"`, want: "The text is empty"},
}

func template(to string) string {
	return `"type": "template", "connection_id": "$CONNECTION", ` + to + `, "name": "order", "language": "en", "parameters": {"1": "a", "2": "b"}`
}

func text(to string) string {
	return `"type": "message", "connection_id": "$CONNECTION", ` + to + `, "text": "hello"`
}

func disabled(t *testing.T, w *world) {
	w.change(t, func(c *connection.Connection) { *c = c.Disable(connection.ByOwner, w.now()) })
}

func optedOut(t *testing.T, w *world) {
	w.change(t, func(*connection.Connection) {})
	w.meet(t, w.person, w.now(), func(c *inbox.Contact) { c.OptedOut = true })
}

// A step of each type that fails in each way ends its run visibly, with a text for people.
func TestRun_Failures(t *testing.T) {
	h := openHall(t)
	for _, f := range failures {
		t.Run(f.name, func(t *testing.T) {
			w := h.world(t)
			if f.before != nil {
				f.before(t, w)
			}
			defer func() { h.receiver.answer = nil }()
			replace := strings.NewReplacer("$URL", h.receiver.URL, "$AGENT", w.agent.ID, "$CONNECTION", w.connection.ID, "$TO", "+"+w.person,
				"$THREAD", w.otherThread(t))
			r := w.start(t, `{"id": "x", `+replace.Replace(f.step)+`}, {"id": "y", "type": "set", "values": {"a": "b"}}`)
			got := w.settle(t, w.process(mortal.Immortal()), r.Ref)
			if got.State != automation.Failed || got.Error == nil || got.Error.Step != "x" || !strings.HasPrefix(got.Error.Message, f.want) {
				t.Fatalf("got the state %s with the error %+v, want x failed: %s", got.State, got.Error, f.want)
			}
			steps := w.steps(t, r)
			if _, went := steps["y"]; went {
				t.Error("got the next step taken, want none after a failure")
			}
			want, attempts := f.state, f.attempts
			if want == "" {
				want = automation.StepFailed
			}
			if attempts == 0 {
				attempts = 1
			}
			if e := steps["x"]; e.State != want || e.Attempts != attempts || e.Error != got.Error.Message || strings.Contains(string(e.Input)+e.Error, hidden) {
				t.Errorf("got the step %s after %d attempts with %q, want %s after %d", e.State, e.Attempts, e.Error, want, attempts)
			}
			t.Log(got.Error.Message)
		})
	}
}

// otherThread returns a thread of another agent.
func (w *world) otherThread(t *testing.T) string {
	t.Helper()
	return w.Thread(t, w.Agent(t, w.org, "be another")).ID
}

// spend takes credits off the org's account.
func (w *world) spend(t *testing.T, amount ledger.Credits) {
	t.Helper()
	e := ledger.Entry{ID: automation.NewID(), OrgID: w.org, Kind: ledger.Adjustment, Amount: -amount, At: w.now()}
	if err := w.Store.AddEntry(t.Context(), nil, e); err != nil {
		t.Fatal(err)
	}
}
