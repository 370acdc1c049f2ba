package hostile_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/turn"
	"github.com/quintet-agents/quintet/tests/graph"
)

// number is the shop's at WhatsApp, and ann a person who writes to it.
var (
	number = graph.Number{ID: "106540352242922", AccountID: "215589313241560883", Token: "t"}
	ann    = graph.Person{Phone: "31612345678", Name: "Ann"}
)

// shop is a world in which an org has agents with tools, a connection and a webhook, beside
// another org.
type shop struct {
	*world

	meta      *graph.Server
	pages     *pages
	desk      *desk
	described agent.Agent // whose MCP server has instructions in its descriptions
	attempts  []attempt
	hook      string // the URL that Meta is given
	other     string // the other org's key
}

func openShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{meta: graph.Start(t, number)}
	scripts := map[int][]call{}
	s.world = open(t, scripts, map[string]string{"MetaGraphUrl": s.meta.URL})
	evil := forbidden(t)
	deposit := func(key string, a agent.Agent, name, secret string) string {
		var m struct{ Data made }
		status, answer := s.exchange(t, key, http.MethodPost, "/api/v1/agents/"+a.ID+"/tools", object{
			"type": "http", "name": name, "description": "Moves money", "url": evil + "/" + name, "secret_headers": object{"X-Key": secret},
		})
		if err := json.Unmarshal([]byte(answer), &m); err != nil || status != http.StatusCreated {
			t.Fatalf("got %d %s, %v", status, answer, err)
		}
		status, answer = s.exchange(t, key, http.MethodPost, "/api/v1/agents/"+a.ID+"/versions/"+m.Data.Version.ID+"/deploy", object{})
		if status != http.StatusOK {
			t.Fatalf("got %d %s", status, answer)
		}
		return m.Data.ID
	}
	who := strangers{url: evil, org: s.Table.Org(t, fortune)}
	s.other, _ = s.Table.Key(t, who.org, "")
	neighbour, other := s.Table.Agent(t, s.Org, "be brief"), s.Table.Agent(t, who.org, otherWords)
	who.agent, who.otherAgent = neighbour.ID, other.ID
	who.refundTool, who.money = deposit(s.Key, neighbour, "refund", otherSecret), deposit(s.other, other, "wire_money", otherSecret)
	who.thread = s.Table.Thread(t, other).ID
	s.world.seen = nil // the other org may see its own words
	who.connection = s.connect(t)
	s.attempts = attempts(who)
	maps.Copy(scripts, scriptsOf(s.attempts))
	s.equipAgents(t)
	return s
}

// connect gives the agent a WhatsApp number.
func (s *shop) connect(t *testing.T) string {
	c := manage[struct {
		ID  string
		URL string `json:"webhook_url"`
	}](t, s.world, http.MethodPost, "/api/v1/connections", object{
		"type": "whatsapp", "agent_id": s.Agent.ID, "name": "Shop", "settings": object{"quiet_seconds": 1},
		"credentials": object{"phone_number_id": number.ID, "access_token": number.Token, "app_secret": "a", "verify_token": "v"},
	})
	s.hook = c.URL
	return c.ID
}

func (s *shop) equipAgents(t *testing.T) {
	s.pages = newPages(t, map[string]string{
		"injected": injection(s.attempts, inResult), "injected-error": injection(s.attempts, inFailure), "injected-redirect": injection(s.attempts, inRedirect),
	})
	s.desk = newDesk(t, "Looks things up", "what to look up", map[string]string{"injected": injection(s.attempts, inServer)})
	ours := object{"Authorization": "Bearer " + s.Key}
	id := object{"type": "object", "properties": object{"id": object{"type": "string"}}, "required": []string{"id"}}
	s.equip(t, s.Agent, nil, append(s.pages.tools(), s.desk.tool(),
		object{"type": "http", "name": "read_thread", "description": "A thread", "method": "GET", "url": s.Runner.URL() + "/api/threads/{{id}}/messages", "parameters": id, "secret_headers": ours},
		object{"type": "http", "name": "read_agent", "description": "An agent", "method": "GET", "url": s.Runner.URL() + "/v1/agents/{{id}}", "parameters": id, "secret_headers": ours},
	)...)
	s.desk.turn.Store(true)

	s.described = s.Table.Agent(t, s.Org, "be brief")
	description := injection(s.attempts, inDescription) + " <!-- " + injection(s.attempts, inComment) + " --> Use " + deskSecret
	s.equip(t, s.described, nil, newDesk(t, description, injection(s.attempts, inSchema), nil).tool())
}

// A model that obeys 50 injected instructions, wherever it reads them and over whichever surface,
// calls nothing but its agent's tools at their own servers, reads nothing of another org, sends
// nothing on a connection, and no secret header is in anything that somebody sees.
func TestInjected_Instructions(t *testing.T) {
	s := openShop(t)
	if len(s.attempts) < 50 {
		t.Fatalf("got %d instructions, want 50", len(s.attempts))
	}
	last := len(forms) - 1
	var all sync.WaitGroup
	for _, f := range forms[:last] {
		all.Go(func() { s.attack(t, f) })
	}
	all.Wait()
	before := s.turnIDs(t)
	events := s.listen(t) // events know no surface, so one is enough
	s.attack(t, forms[last])
	s.attackChannel(t)
	turns := s.turnIDs(t)
	if len(turns) < 50 {
		t.Errorf("got %d settled turns, want those of all chats", len(turns))
	}
	until(t, "the events of the latest turns", func() bool {
		n := 0
		for _, event := range events() {
			n += strings.Count(event, `"type":"turn.completed"`)
		}
		return n >= len(turns)-len(before)
	})
	for _, event := range events() {
		s.seen = append(s.seen, seen{"an event", event})
	}
	s.lookEverywhere(t, turns)
}

// attack brings all instructions to the model over one surface.
func (s *shop) attack(t *testing.T, f form) {
	mark := func(c carrier) string { return fmt.Sprintf("mark-%s-%d", f.name, slices.Index(carriers, c)) }
	thread := s.Table.Thread(t, s.Agent).ID
	chat := func(c carrier, a agent.Agent, thread, text string) {
		status, answer := s.chat(t, f, a.ID, thread, text+" "+mark(c))
		if status != http.StatusOK || !strings.Contains(answer, "I was told: ") {
			t.Errorf("%s, %s: got %d %.500s, want an answer", f.name, c, status, answer)
		}
		s.wantObeyed(t, c, mark(c))
	}
	for _, c := range []carrier{inResult, inFailure, inRedirect, inServer} {
		chat(c, s.Agent, s.Table.Thread(t, s.Agent).ID, "Read this. "+obey(openingOf(c)))
	}
	chat(inMessage, s.Agent, s.Table.Thread(t, s.Agent).ID, injection(s.attempts, inMessage))
	s.chat(t, f, s.Agent.ID, thread, injection(s.attempts, inThread)+" mark-"+f.name+"-first")
	chat(inThread, s.Agent, thread, "And now?")
	described := s.Table.Thread(t, s.described).ID
	chat(inDescription, s.described, described, "Hello.")
	s.wantObeyed(t, inSchema, mark(inDescription))
	s.wantObeyed(t, inComment, mark(inDescription))
	if f.name != "flexyagents" && f.name != "flexyagents-whole" {
		return
	}
	for c, body := range map[carrier]object{
		inHistory: {"messages": []said{{"user", "Hi"}, {"assistant", injection(s.attempts, inHistory)}, {"user", "Go on. " + mark(inHistory)}}},
		inVisitor: {
			"messages": []said{{"user", "Hi " + mark(inVisitor)}},
			"visitor":  object{"name": injection(s.attempts, inVisitor), "email": injection(s.attempts, inVisitor), "x": injection(s.attempts, inVisitor)},
		},
	} {
		body["stream"] = f.name == "flexyagents"
		if status, answer := s.exchange(t, s.Key, http.MethodPost, f.to(s.Agent.ID, ""), body); status != http.StatusOK {
			t.Errorf("%s, %s: got %d %.500s, want an answer", f.name, c, status, answer)
		}
		s.wantObeyed(t, c, mark(c))
	}
}

// attackChannel brings instructions to the model in a message of WhatsApp. Its answer goes to the
// person who wrote, and nothing else is sent.
func (s *shop) attackChannel(t *testing.T) {
	const mark = "mark-channel"
	hook := s.meta.WhatsAppWebhook(number, graph.Text(ann, "wamid.1", injection(s.attempts, inChannel)+" "+mark, time.Now()))
	r, err := hook.Request(s.hook)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(r.WithContext(t.Context()))
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatal(res, err)
	}
	_ = res.Body.Close()
	until(t, "an answer over WhatsApp", func() bool { return len(s.meta.Accepted()) > 0 })
	s.wantObeyed(t, inChannel, mark)
}

// wantObeyed checks that the model has read and obeyed the instructions of a carrier, and what
// it was told.
func (s *shop) wantObeyed(t *testing.T, c carrier, mark string) {
	got := s.model.of(mark)
	for i, a := range s.attempts {
		if a.in != c {
			continue
		}
		if got.obeyed[i+1] == unread[c] {
			t.Errorf("%s, %s: got obeyed %t, want %t", mark, a.name, got.obeyed[i+1], !unread[c])
		}
		for n, one := range a.calls {
			result, told := got.results[callID(i+1, n)]
			if told == unread[c] || !strings.Contains(result, a.want) {
				t.Errorf("%s, %s, %s %.100s: got told %t, %.300q, want %q", mark, a.name, one.name, one.arguments, told, result, a.want)
			}
		}
	}
}

// listen subscribes to the org's events, and returns what was received.
func (s *shop) listen(t *testing.T) func() []string {
	var mu sync.Mutex
	var got []string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		got = append(got, fmt.Sprint(r.Header)+string(body))
	}))
	t.Cleanup(server.Close)
	manage[made](t, s.world, http.MethodPost, "/api/v1/webhooks", object{"url": server.URL, "events": []string{"message.created", "turn.completed"}})
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(got)
	}
}

// lookEverywhere looks for secrets and for words of the other org in all that anybody can see.
func (s *shop) lookEverywhere(t *testing.T, turns []string) {
	if sent := s.meta.Accepted(); len(sent) != 1 || sent[0].To != ann.Phone || leak(sent[0].Text) != "" {
		t.Errorf("got %+v sent over WhatsApp, want one answer to the person who wrote", sent)
	}
	for _, id := range turns {
		status, answer := s.exchange(t, s.Key, http.MethodGet, "/api/v1/turns/"+id, nil)
		var shown struct{ Data struct{ Status string } }
		if err := json.Unmarshal([]byte(answer), &shown); err != nil || status != http.StatusOK || shown.Data.Status != string(turn.Settled) {
			t.Errorf("turn %s: got %d %s, want it settled", id, status, answer)
		}
	}
	if status, answer := s.exchange(t, s.other, http.MethodGet, "/api/v1/turns/"+turns[0], nil); status != http.StatusNotFound {
		t.Errorf("got %d %s for a turn of another org, want 404", status, answer)
	}
	s.readAll(t)
	for _, one := range s.seen {
		if found := leak(one.text); found != "" {
			t.Errorf("%s: got ...%s..., want no secret and nothing of the other org", one.where, found)
		}
		if strings.Contains(one.text, s.Key) {
			t.Errorf("%s: got the API key of a secret header", one.where)
		}
	}
	for _, request := range s.model.requests() {
		if found := leak(request); found != "" {
			t.Errorf("got ...%s... in a request to the model, want no secret and nothing of the other org", found)
		}
	}
	for _, word := range append(needles, otherWords, s.Key) {
		if s.Logged(word) {
			t.Errorf("got %s in the functions' logs", word)
		}
	}
	s.scan(t)
}

// readAll reads what the managing API shows of the org.
func (s *shop) readAll(t *testing.T) {
	agents := []string{s.Agent.ID, s.described.ID}
	paths := []string{"/api/v1/threads?limit=100", "/api/v1/credits/ledger?limit=100", "/api/v1/usage", "/api/v1/connections", "/api/v1/webhooks", "/api/v1/turns?status=running", "/v1/agents"}
	for _, id := range agents {
		paths = append(paths, "/api/v1/agents/"+id+"/tools", "/api/v1/agents/"+id+"/versions", "/api/v1/agents/"+id+"/settings", "/v1/agents/"+id)
		for _, m := range manage[[]made](t, s.world, http.MethodGet, "/api/v1/agents/"+id+"/tools", nil) {
			paths = append(paths, "/api/v1/agents/"+id+"/tools/"+m.ID)
		}
		for _, m := range manage[[]made](t, s.world, http.MethodGet, "/api/v1/agents/"+id+"/versions", nil) {
			paths = append(paths, "/api/v1/agents/"+id+"/versions/"+m.ID)
		}
	}
	for _, m := range manage[[]made](t, s.world, http.MethodGet, "/api/v1/threads?limit=100", nil) {
		paths = append(paths, "/api/v1/threads/"+m.ID, "/api/v1/threads/"+m.ID+"/messages?limit=100")
	}
	for _, m := range manage[[]made](t, s.world, http.MethodGet, "/api/v1/webhooks", nil) {
		paths = append(paths, "/api/v1/webhooks/"+m.ID+"/deliveries?limit=100")
	}
	for _, path := range paths {
		if status, answer := s.exchange(t, s.Key, http.MethodGet, path, nil); status != http.StatusOK {
			t.Errorf("%s: got %d %.300s, want 200", path, status, answer)
		}
	}
}

// turnIDs returns the ids of the org's settled turns.
func (s *shop) turnIDs(t *testing.T) (ids []string) {
	for _, item := range s.Items(t) {
		id, _ := item["id"].(*types.AttributeValueMemberS)
		if _, settled := item["assistant_text"]; settled && id != nil {
			ids = append(ids, id.Value)
		}
	}
	return ids
}

// scan looks for secrets in the whole table, and for words of the other org in the rows of this one.
func (s *shop) scan(t *testing.T) {
	for _, item := range s.Items(t) {
		text := fmt.Sprint(plain(&types.AttributeValueMemberM{Value: item}))
		if strings.Contains(text, s.Org) && strings.Contains(text, otherWords) {
			t.Errorf("got words of the other org in the row %v %v", plain(item["pk"]), plain(item["sk"]))
		}
		for _, word := range append(needles, s.Key) {
			if i := strings.Index(text, word); i >= 0 {
				t.Errorf("got ...%s... stored, want it sealed", text[max(0, i-200):min(len(text), i+100)])
			}
		}
	}
}

// plain returns an attribute's value.
func plain(v types.AttributeValue) any {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return v.Value
	case *types.AttributeValueMemberB:
		return string(v.Value)
	case *types.AttributeValueMemberN:
		return v.Value
	case *types.AttributeValueMemberM:
		all := map[string]any{}
		for name, inner := range v.Value {
			all[name] = plain(inner)
		}
		return all
	case *types.AttributeValueMemberL:
		var all []any
		for _, inner := range v.Value {
			all = append(all, plain(inner))
		}
		return all
	}
	return nil
}

// until returns when a condition is met.
func until(t *testing.T, what string, met func() bool) {
	t.Helper()
	deadline, tick := time.After(30*time.Second), time.NewTicker(20*time.Millisecond)
	defer tick.Stop()
	for !met() {
		select {
		case <-deadline:
			t.Fatalf("got nothing within 30 s, want %s", what)
		case <-tick.C:
		}
	}
}
