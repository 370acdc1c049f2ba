package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/local/sam"
	"github.com/quintet-agents/quintet/shared/model/scripted"
	"github.com/quintet-agents/quintet/shared/routes"
)

func TestMain(m *testing.M) { dynamotest.Main(m) }

// chatting is a function that answers chats, as it is linked in the cloud: with the engine's
// tools, MCP servers and own providers.
type chatting struct {
	function string
	path     string // its parameter is the agent's id, or Flapjack's thread
	body     func(thread string) map[string]any
	more     []string // calls beside those of every turn
}

var functions = []chatting{
	{"flapjack-message-create", "/api/threads/{id}/messages", func(string) map[string]any { return map[string]any{"content": "hello"} }, nil},
	{"agentflow-chat-create", "/agents/{slug}/chat", func(thread string) map[string]any {
		return map[string]any{"text": "hello", "thread_id": thread}
	}, []string{balance}},
	{"flexyagents-chat-create", "/api/agents/{id}/chat", func(thread string) map[string]any {
		return map[string]any{"messages": []map[string]string{{"role": "user", "content": "hello"}}, "thread_id": thread, "stream": true}
	}, nil},
	{"flowgent-chat-create", "/api/public/agent/{agent_id}/chat", func(thread string) map[string]any {
		return map[string]any{"messages": "hello", "thread_id": thread}
	}, nil},
}

// The calls of an ordinary chat, with the API key cached: the items, and their read and write
// units. They are the figures of shared/docs/measured.md, which count one more read for the key.
var (
	first = []string{"GetItem live 1 0", "Query a thread's latest 1 0", "TransactWriteItems account, turn, usage, thread 0 11", "UpdateItem account 0 1"}
	later = []string{"GetItem live 1 0", "Query a thread's latest 1 0", "TransactWriteItems account, turn, usage 0 7", "UpdateItem account 0 1"}
)

// The other calls: AgentFlow reports the balance after the turn, and the tools of a version are
// read by the first turn of a function.
const balance, tools = "GetItem account 1 0", "GetItem tools 1 0"

// An ordinary chat costs each chat function the store calls and units that are written down,
// although the function has tools. An agent with tools costs one more read, once.
func TestOrdinaryChat_Units(t *testing.T) {
	template, err := sam.Load(dynamotest.Root()+"/template.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	model := httptest.NewServer(scripted.Handler(scripted.Options{}))
	t.Cleanup(model.Close)
	for _, f := range functions {
		t.Run(f.function, func(t *testing.T) {
			table := dynamotest.Open(t)
			s := openStore(dynamotest.Endpoint(), secondaries(template.Tables()[0]))
			t.Cleanup(s.server.Close)
			route, ok := routes.Find(f.function)
			if !ok {
				t.Fatalf("there is no function %s", f.function)
			}
			mux := http.NewServeMux()
			mux.Handle(f.path, route.Stream(boot.NewDeps(boot.Config{
				Table: table.Name, Model: "scripted", Endpoint: s.server.URL, BedrockEndpoint: model.URL, Region: "us-east-1", AccessKeyID: "test", SecretAccessKey: "test",
			})))
			server := httptest.NewServer(mux)
			t.Cleanup(server.Close)
			org := table.Org(t, 100*ledger.Credit)
			key, _ := table.Key(t, org, "")
			plain, tooled := table.Agent(t, org, "be brief"), table.Agent(t, org, "be brief")
			equip(t, table, tooled)
			s.set(recording, 0)
			chat := func(a agent.Agent, thread string) []string {
				target := a.ID
				if strings.HasPrefix(f.function, "flapjack") {
					target = thread
				}
				s.take()
				ask(t, server.URL+parameter.ReplaceAllString(f.path, target), key, f.body(thread))
				var calls []string
				for _, c := range s.take() {
					calls = append(calls, fmt.Sprintf("%s %s %d %d", c.operation, c.what, c.read, c.write+c.index))
				}
				slices.Sort(calls) // those of a wave run side by side
				return calls
			}
			chat(plain, table.Thread(t, plain).ID) // so that the key is cached and the rate window is known
			thread, other := table.Thread(t, plain).ID, table.Thread(t, tooled).ID
			for _, c := range []struct {
				name   string
				agent  agent.Agent
				thread string
				want   []string
			}{
				{"a thread's first turn", plain, thread, first},
				{"a later turn", plain, thread, later},
				{"the first turn of an agent with tools", tooled, other, append([]string{tools}, first...)},
				{"a later turn of an agent with tools", tooled, other, later},
			} {
				want := slices.Concat(c.want, f.more)
				slices.Sort(want)
				if d := cmp.Diff(want, chat(c.agent, c.thread)); d != "" {
					t.Errorf("%s (-want +got):\n%s", c.name, d)
				}
			}
		})
	}
}

var parameter = regexp.MustCompile(`\{[a-z_]+\}`)

// equip gives an agent a tool, and deploys it.
func equip(t *testing.T, table dynamotest.Table, a agent.Agent) {
	t.Helper()
	draft, err := table.Store.ChangeDraft(t.Context(), nil, a.OrgID, a.ID, table.Now(), func(v *agent.Version) error {
		v.Tools = []agent.Tool{{ID: newID(), Type: agent.HTTPTool, Name: "page", Description: "A page", Method: http.MethodGet, URL: "https://example.com/"}}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := table.Store.DeployVersion(t.Context(), nil, a.OrgID, a.ID, draft.ID, table.Now()); err != nil {
		t.Fatal(err)
	}
}

// ask chats, and reads the answer to its end.
func ask(t *testing.T, url, key string, body map[string]any) {
	t.Helper()
	sent, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader(sent))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK || !bytes.Contains(answer, []byte("hello")) {
		t.Fatalf("got %d %s, %v, want an answer", res.StatusCode, answer, err)
	}
}
