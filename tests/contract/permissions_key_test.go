package contract_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/local/sam"
	"github.com/quintet-agents/quintet/shared/routes"
	"github.com/quintet-agents/quintet/shared/ssm/ssmtest"
)

const kmsKey = "arn:aws:kms:us-east-1:000000000000:key/0190d3c0-7a5e-7cc3-98c4-dc0c0c07398f"

// In a stack with another model's server, only the functions that ask the model have the right
// to read the parameter with its key, and to decrypt it. They read it at their start, not in
// turns.
func TestPermissions_ModelKey(t *testing.T) {
	t.Parallel()
	const key = "key of a model's server"
	name := ssmtest.Name(t)
	ssmtest.Put(t, name, key)
	w, aws := newWorld(t), &recorder{}
	aws.reset()
	config := w.deps(aws.before(t, dynamotest.Endpoint()), "").Config()
	config.ModelBaseURL, config.ModelKeyName = modelServer(t, key), name

	read, decrypt := "ssm:GetParameter on the parameter "+name, "kms:Decrypt on the model's key"
	for description, tc := range map[string]struct {
		parameters map[string]string
		want       permissions // of a function that asks the model
	}{
		"with the account's KMS key": {map[string]string{"ModelBaseUrl": "https://x/v1", "ModelApiKeyParameter": name}, permissions{read: true}},
		"with a KMS key of its own":  {map[string]string{"ModelBaseUrl": "https://x/v1", "ModelApiKeyParameter": name, "ModelApiKeyKmsKey": kmsKey}, permissions{read: true, decrypt: true}},
		"without a server":           {map[string]string{"ModelApiKeyParameter": name, "ModelApiKeyKmsKey": kmsKey}, permissions{}},
		"without a parameter":        {map[string]string{"ModelBaseUrl": "https://x/v1", "ModelApiKeyKmsKey": kmsKey}, permissions{}},
	} {
		keyed, err := sam.Load(inProject("template.yaml"), tc.parameters)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range keyed.Functions() {
			route, _ := routes.Find(f.Name)
			aws.reset()
			start(route, boot.NewDeps(config))
			want := permissions{}
			if calls := aws.used(); calls[read] {
				want = tc.want
			} else if len(calls) > 0 {
				t.Errorf("%s: got calls of AWS at its start, want none: %v", f.Name, calls)
			}
			if d := cmp.Diff(want, added(t, keyed, f)); d != "" {
				t.Errorf("%s, %s: additional rights (-want +got):\n%s", description, f.Name, d)
			}
		}
	}
	t.Run("turns", func(t *testing.T) { w.turnsReadNoKey(t, boot.NewDeps(config), aws) })
}

// start starts a function as Lambda does, without a request.
func start(route routes.Route, deps *boot.Deps) {
	switch {
	case route.Schedule != nil:
		route.Schedule(deps)
	case route.Queue != nil:
		route.Queue(deps)
	case route.Changes != nil:
		route.Changes(deps)
	default:
		route.Handler(deps)
	}
}

// added returns the permissions that a function has in a template, but not in the default one.
// The right to decrypt must be limited to one parameter.
func added(t *testing.T, keyed *sam.Template, f sam.Function) permissions {
	t.Helper()
	all := statementsOf(t, keyed, f)
	for _, s := range all {
		if slices.Contains(s.Resource, kmsKey) {
			want := map[string]map[string]list{"StringEquals": {"kms:EncryptionContext:PARAMETER_ARN": {parameterOf(all)}}}
			if d := cmp.Diff(want, s.Condition); d != "" {
				t.Errorf("%s: condition of the right to decrypt (-want +got):\n%s", f.Name, d)
			}
		}
	}
	more := allowed(t, all)
	maps.DeleteFunc(more, func(p string, _ bool) bool { return granted(t, f)[p] })
	return more
}

// parameterOf returns the ARN of the parameter that statements allow to read.
func parameterOf(all []statement) string {
	for _, s := range all {
		if slices.Contains(s.Action, "ssm:GetParameter") {
			return strings.Join(s.Resource, " ")
		}
	}
	return "none"
}

// turnsReadNoKey checks that turns in started functions do not read the key.
func (w *world) turnsReadNoKey(t *testing.T, deps *boot.Deps, aws *recorder) {
	t.Helper()
	p := newProduct(t, deps)
	callback, _ := routes.Find("worker-callback")
	started := callback.Queue(deps)
	callback.Queue = func(*boot.Deps) boot.Work { return started }
	aws.reset()
	chats := 0
	for _, x := range exchanges {
		if !strings.Contains(x.function, "-chat-create") && x.function != "flapjack-message-create" || x.status != http.StatusOK || strings.Contains(x.path, "$OWN_") {
			continue
		}
		w.ready(t, x)
		if a := streamed(t, p, w, x); a.Status != x.status {
			t.Errorf("%s: got status %d, want %d: %s", x.name(), a.Status, x.status, a.Body)
		}
		chats++
	}
	w.exerciseQueue(t, callback, deps)
	for _, c := range aws.made() {
		if strings.HasPrefix(c.operation, "ssm:") || strings.HasPrefix(c.operation, "kms:") && !strings.Contains(c.body, string(agent.ProviderSecret)) && !strings.Contains(c.body, string(agent.HeaderSecret)) {
			t.Errorf("got a turn that needs %s, want none but those on own providers and with tools", c.operation)
		}
	}
	if chats < 10 {
		t.Errorf("got %d chats, want at least 10", chats)
	}
}

// modelServer starts an OpenAI-compatible server that accepts one key and answers hello.
func modelServer(t *testing.T, key string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var asked struct{ Stream bool }
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil || r.Header.Get("Authorization") != "Bearer "+key {
			t.Errorf("got Authorization %q, %v, want the key", r.Header.Get("Authorization"), err)
		}
		if asked.Stream {
			fmt.Fprint(w, `data: {"choices":[{"delta":{"content":"hello"},"finish_reason":"stop"}]}`+"\n\ndata: [DONE]\n\n")
			return
		}
		fmt.Fprint(w, `{"choices":[{"message":{"content":"hello"},"finish_reason":"stop"}]}`)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/v1"
}
