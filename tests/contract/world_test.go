package contract_test

import (
	"cmp"
	"context"
	"maps"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/cognito/cognitotest"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/local/engine"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/scripted"
	"github.com/quintet-agents/quintet/shared/turn"
	"github.com/quintet-agents/quintet/tests/graph"
	"github.com/quintet-agents/quintet/tests/twilio"
)

// world is a table with the data of all requests: an org with agents and threads, another org, an
// org without credits, and keys of every kind.
type world struct {
	dynamotest.Table
	users cognitotest.Pool

	meta   *graph.Server // nil: nobody answers
	twilio *twilio.Server
	org    string
	shop   string            // the org with a connection of each channel
	names  map[string]string // the values of $NAME in requests
	stale  staleness         // data that requests have changed and renew creates

	chosen map[string]string // ids of keys and the like, by logical id
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{Table: dynamotest.Open(t), users: cognitotest.Open(t), names: map[string]string{}, chosen: provision(t)}
	w.meta = graph.Start(t,
		graph.Number{ID: aNumber, AccountID: "1", Token: "t", Templates: []graph.Template{{Name: "hello", Language: "en", Body: "Hello {{1}}"}}},
		graph.Number{ID: shopNumber, AccountID: "1", Token: "t"})
	w.meta.SetPage(graph.Page{ID: shopPage, Token: "t", Instagram: shopInsta})
	w.twilio = twilio.Start(t, twilioAccount)
	w.org = w.Org(t, 1000*ledger.Credit, generous)
	other, empty := w.Org(t, ledger.Credit), w.Org(t, 0)
	second, theirs, broke := w.Agent(t, w.org, "be kind"), w.Agent(t, other, "be secret"), w.Agent(t, empty, "be brief")
	draft, draftVersion := w.Draft(t, w.org, "not yet")
	busy := w.Org(t, ledger.Credit, func(a *ledger.Account) { a.Limits.MaxConcurrentTurns = 0 })
	gone := w.Agent(t, w.org, "be gone")
	w.names["GONE_THREAD"] = w.Thread(t, gone).ID
	if err := w.Store.DeleteAgent(t.Context(), nil, w.org, gone.ID); err != nil {
		t.Fatal(err)
	}
	maps.Copy(w.names, map[string]string{
		"SECOND_AGENT": second.ID, "SECOND_THREAD": w.Thread(t, second).ID,
		"OTHER_AGENT": theirs.ID, "OTHER_THREAD": w.Thread(t, theirs).ID,
		"DRAFT_AGENT": draft.ID, "DRAFT_VERSION": draftVersion.ID, "DRAFT_THREAD": w.Thread(t, draft).ID,
		"GONE_AGENT": gone.ID, "EMPTY_AGENT": broke.ID, "EMPTY_THREAD": w.Thread(t, broke).ID,
		"BUSY_AGENT": w.Agent(t, busy, "be quick").ID,
	})
	w.addProviders(t)
	w.addUsers(t, other)
	w.addOperators(t, other)
	w.addTools(t)
	w.addHandy(t)
	w.renew(t)
	w.renewUsers(t)
	w.addWebhooks(t, other)
	w.renewWebhooks(t)
	w.addAutomations(t, other)
	w.renewAutomations(t)
	w.addConnections(t, other)
	w.renewConnections(t)
	w.names["OTHER_CONTACT"], w.names["OTHER_CHAT_THREAD"] = w.chat(t, w.names["OTHER_AGENT"], inbox.Contact{OrgID: other, ConnectionID: w.names["OTHER_CONNECTION"], Channel: connection.WhatsApp, LastSeen: w.Now()})
	w.renewChats(t)
	w.addChannels(t)
	w.addRuns(t, other)
	w.renewRuns(t)
	w.addHooks(t)
	revoked, stored := w.Key(t, w.org, "")
	if err := w.Store.RevokeKey(t.Context(), nil, w.org, stored.ID, w.Now()); err != nil {
		t.Fatal(err)
	}
	w.names["REVOKED_KEY"] = revoked
	w.names["KEY"], _ = w.Key(t, w.org, "")
	w.names["EMPTY_KEY"], _ = w.Key(t, empty, "")
	w.names["BUSY_KEY"], _ = w.Key(t, busy, "")
	return w
}

func generous(a *ledger.Account) { a.Limits.RatePerMinute, a.Limits.KeyRatePerMinute = 1e6, 1e6 }

// ready renews the data that the last exchange changed; a read changes none.
func (w *world) ready(t *testing.T, x exchange) {
	t.Helper()
	if w.stale.agents {
		w.renew(t)
	}
	if w.stale.users {
		w.renewUsers(t)
	}
	if w.stale.tools {
		w.renewTools(t)
	}
	if w.stale.webhooks {
		w.renewWebhooks(t)
	}
	if w.stale.automations {
		w.renewAutomations(t)
	}
	if w.stale.connections {
		w.renewConnections(t)
	}
	if w.stale.chats || w.stale.connections { // the renewal deletes all connections
		w.renewChats(t)
	}
	if w.stale.runs {
		w.renewRuns(t)
	}
	w.stale = x.changes()
	w.names["REQUEST"] = turn.NewID()
}

// staleness lists the data that must be renewed.
type staleness struct{ agents, users, tools, automations, webhooks, connections, chats, runs bool }

// renew creates an agent, its versions, its key and its threads.
func (w *world) renew(t *testing.T) {
	t.Helper()
	a := w.Agent(t, w.org, "be brief")
	instructions := "be briefer"
	if _, err := w.Store.UpdateAgent(t.Context(), nil, w.org, a.ID, agent.Patch{Instructions: &instructions}, w.Now()); err != nil {
		t.Fatal(err)
	}
	versions, err := w.Store.Versions(t.Context(), w.org, a.ID)
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(versions, func(a, b agent.Version) int { return a.Number - b.Number })
	talked := w.Thread(t, a).ID
	w.names["TURN"] = w.talk(t, talked, a.ID)
	w.renewRunning(t, a)
	maps.Copy(w.names, map[string]string{
		"AGENT": a.ID, "SLUG": a.Slug, "V1": versions[0].ID, "V2": versions[1].ID,
		"THREAD": w.Thread(t, a).ID, "TALKED_THREAD": talked,
	})
	w.names["ESCAPED_THREAD"] = strings.ReplaceAll(w.names["THREAD"], ".", "%2E")
	w.names["BOUND_KEY"], _ = w.Key(t, w.org, a.ID)
}

// talk adds a settled turn to a thread, and returns its id.
func (w *world) talk(t *testing.T, threadID, agentID string) string {
	t.Helper()
	hold := w.hold(t)
	_, err := w.Store.Settle(t.Context(), &turn.Settlement{Hold: hold, Thread: turn.ThreadChange{Title: "hello"}, Turn: turn.Turn{
		ID: hold.TurnID, OrgID: w.org, ThreadID: threadID, AgentID: agentID, KeyID: "key", Channel: "test", Model: "scripted",
		Place: w.Now().UnixMicro(), StartedAt: w.Now(), SettledAt: w.Now(), User: "hello", Assistant: "You said: hello", Usage: model.Usage{Input: 3, Output: 3},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return hold.TurnID
}

// hold opens a turn that is never closed.
func (w *world) hold(t *testing.T) ledger.Hold {
	t.Helper()
	hold, err := w.Store.Admit(t.Context(), turn.Admission{OrgID: w.org, KeyID: "key", TurnID: turn.NewID(), At: w.Now()})
	if err != nil {
		t.Fatal(err)
	}
	return hold
}

// deleteThread creates a deleted thread with a turn, for the sweeper to wipe.
func (w *world) deleteThread(t *testing.T) {
	t.Helper()
	th := w.Thread(t, w.Agent(t, w.org, "be forgotten"))
	hold := w.hold(t)
	if err := w.Store.DeleteThread(t.Context(), nil, w.org, th.ID, w.Now()); err != nil {
		t.Fatal(err)
	}
	_, err := w.Store.Settle(t.Context(), &turn.Settlement{Hold: hold, Turn: turn.Turn{
		ID: hold.TurnID, OrgID: w.org, ThreadID: th.ID, AgentID: th.AgentID, Place: w.Now().UnixMicro(), SettledAt: w.Now(), User: "a", Assistant: "b",
	}})
	if err != nil {
		t.Fatal(err)
	}
}

// deps returns dependencies as a function on Lambda has them, with the world's table at one address
// and the local model at another.
func (w *world) deps(aws, bedrock string) *boot.Deps {
	meta := cmp.Or(w.meta, &graph.Server{URL: nobody, InstagramURL: nobody})
	return boot.NewDeps(boot.Config{
		Table: w.Name, Model: "scripted", UserPool: w.users.ID, UserPoolClient: w.users.Client, Endpoint: aws, BedrockEndpoint: bedrock,
		Region: "us-east-1", ModelPause: time.Millisecond, AccessKeyID: "test", SecretAccessKey: "test",
		CallbacksQueue: queueURL("Callbacks"), DeliveriesQueue: queueURL("Deliveries"), SecretsKey: w.chosen["SecretsKey"],
		MetaQueue: queueURL("InboxMeta"), TwilioQueue: queueURL("InboxTwilio"), MailQueue: queueURL("InboxMail"), AutomationsQueue: queueURL("Automations"),
		PrivateNetworks: "127.0.0.0/8", MetaGraphURL: meta.URL, InstagramURL: meta.InstagramURL, TwilioURL: cmp.Or(w.twilio, &twilio.Server{URL: nobody}).URL, BaseURL: "https://example.com",
		TopUpURL: "https://example.com/credits", // the default is under the requested domain
	})
}

// localModel starts the local model, with delays of no time.
func localModel(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(scripted.Handler(scripted.Options{Wait: func(context.Context, time.Duration) error { return nil }}))
	t.Cleanup(server.Close)
	return server.URL
}

// expand replaces each $NAME.
func (w *world) expand(s string) string {
	return os.Expand(s, func(name string) string { return w.names[name] })
}

var unsteady = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(`[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z`), "<time>"},
	{regexp.MustCompile(`msg-[0-9]{16}([ab])-`), "msg-<place>$1-"},
	{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`), "<uuid>"},
	{regexp.MustCompile(`v-[0-9a-f]{12}`), "<version>"},
	{regexp.MustCompile(`msg-[0-9]{16}([ab])`), "msg-<place>$1"},
	{regexp.MustCompile(`wamid\.[A-Za-z0-9]+`), "wamid.<id>"},
	{regexp.MustCompile(`tooluse_[A-Za-z0-9_-]+`), "<tooluse>"},
	{regexp.MustCompile(`call_[A-Za-z0-9_-]{32}`), "call_<id>"},
	{regexp.MustCompile(`"duration_ms":[0-9]+`), `"duration_ms":<ms>`},
	{regexp.MustCompile(`"execution_time":[0-9]+`), `"execution_time":<ms>`},
	{regexp.MustCompile(`_live_[0-9A-Za-z]{33}`), "_live_<secret>"},
	{regexp.MustCompile(`whsec_[0-9A-Za-z+/]{43}=`), "whsec_<secret>"},
	{regexp.MustCompile(`"secret":"[2-7A-Z]{26}"`), `"secret":"<secret>"`},
	{regexp.MustCompile(`"hint":"[0-9A-Za-z]{4}"`), `"hint":"<end>"`},
	{regexp.MustCompile(`user-[0-9]+-[0-9]+@`), "<user>@"},
	{regexp.MustCompile(`af_session=[0-9A-Za-z_.-]+`), "af_session=<token>"},
	{regexp.MustCompile(`af_device_[0-9a-f]{8}=[0-9A-Za-z_-]+`), "af_device_<user>=<token>"},
	{regexp.MustCompile(`Max-Age=86(400|39\d)`), "Max-Age=<day>"},
	{regexp.MustCompile(`("slug":"[a-z0-9-]+)-[0-9a-f]{6}"`), `$1-<hex>"`},
	{regexp.MustCompile(`("thread_id":"<uuid>:[a-z0-9-]+)-[0-9a-f]{6}"`), `$1-<hex>"`},
	{regexp.MustCompile(`(balance_remaining":)"[0-9]+\.[0-9]{3}"`), `$1"<credits>"`},
}

// steady replaces the values that differ between two calls that write.
func steady(s string) string {
	for _, u := range unsteady {
		s = u.pattern.ReplaceAllString(s, u.with)
	}
	return s
}

// provision creates the template's queues and keys, and returns the ids of the keys.
func provision(t *testing.T) map[string]string {
	t.Helper()
	provisioning.Lock() // tests run in parallel, and must not use another's new table
	defer provisioning.Unlock()
	chosen, err := engine.Provision(t.Context(), template(t), dynamotest.Endpoint())
	if err != nil {
		t.Fatal(err)
	}
	return chosen
}

var provisioning sync.Mutex

func queueURL(name string) string { return dynamotest.Endpoint() + "/000000000000/" + name }

// nobody is the URL of a provider that does not answer.
const nobody = "http://127.0.0.1:1"
