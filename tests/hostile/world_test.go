// Package hostile_test runs whole chats over every surface in which all parties but the
// product are hostile or broken: a model that obeys whatever it reads, or never stops calling
// tools; servers of tools that inject instructions, lie, hang or flood; texts of visitors that
// give orders. It counts what receivers get, and checks what customers see and pay.
package hostile_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/tests/rig"
)

func TestMain(m *testing.M) { rig.Main(m) }

const fortune = 10_000 * ledger.Credit

// The values of secret headers. Each begins with the same word, so that parts are found, too.
const (
	secretWord  = "s3cr3t"
	pageSecret  = secretWord + `/5b"1e+of-the-page`
	deskSecret  = secretWord + `/77"aa+of-the-desk`
	otherSecret = secretWord + `/9c"0d+of-the-other-org`
)

// otherWords are in a thread and in an agent of another org.
const otherWords = "words-of-the-other-org"

// world is the product with the test's model.
type world struct {
	*rig.Rig

	model *obedient

	mu   sync.Mutex
	seen []seen // what customers got
}

// seen is a text that a customer got.
type seen struct{ where, text string }

// open starts the product with a model that has the scripts.
func open(t *testing.T, scripts map[int][]call, parameters map[string]string) *world {
	t.Helper()
	w := &world{model: &obedient{scripts: scripts, chats: map[string]*chat{}}}
	server := httptest.NewServer(w.model)
	t.Cleanup(server.Close)
	all := map[string]string{"ModelBaseUrl": server.URL + "/v1"}
	maps.Copy(all, parameters)
	w.Rig = rig.StartConfigured(t, fortune, all)
	return w
}

// exchange sends a request with a key, and keeps the answer among what customers saw.
func (w *world) exchange(t *testing.T, key, method, path string, body any) (int, string) {
	t.Helper()
	sent, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	if body == nil {
		sent = nil
	}
	r, err := http.NewRequestWithContext(t.Context(), method, w.Runner.URL()+path, bytes.NewReader(sent))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Error(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen = append(w.seen, seen{method + " " + path, fmt.Sprint(res.Header) + string(answer)})
	return res.StatusCode, string(answer)
}

// manage makes a change over the managing API, and returns the data of the answer.
func manage[T any](t *testing.T, w *world, method, path string, body any) (data T) {
	t.Helper()
	status, answer := w.exchange(t, w.Key, method, path, body)
	var whole struct{ Data T }
	if err := json.Unmarshal([]byte(answer), &whole); err != nil || status/100 != 2 {
		t.Fatalf("%s %s: got %d %s, %v, want a success", method, path, status, answer, err)
	}
	return whole.Data
}

type (
	object = map[string]any
	made   struct {
		ID      string
		Version struct{ ID string }
	}
)

// equip gives an agent tools and settings, and deploys them.
func (w *world) equip(t *testing.T, a agent.Agent, settings object, tools ...object) {
	t.Helper()
	var draft string
	for _, tool := range tools {
		draft = manage[made](t, w, http.MethodPost, "/api/v1/agents/"+a.ID+"/tools", tool).Version.ID
	}
	if settings != nil {
		draft = manage[made](t, w, http.MethodPatch, "/api/v1/agents/"+a.ID+"/settings", settings).Version.ID
	}
	w.deploy(t, a, draft)
}

func (w *world) deploy(t *testing.T, a agent.Agent, version string) {
	t.Helper()
	manage[made](t, w, http.MethodPost, "/api/v1/agents/"+a.ID+"/versions/"+version+"/deploy", object{})
}

// chat sends a message of a thread over a surface.
func (w *world) chat(t *testing.T, f form, agentID, threadID, text string) (int, string) {
	t.Helper()
	status, answer := w.exchange(t, w.Key, http.MethodPost, f.to(agentID, threadID), f.body(text, threadID))
	return status, answer
}

// needles are the secret word in plain and in base64, at each position in three bytes.
var needles = func() []string {
	all := []string{secretWord}
	for shift := range 3 {
		text := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + secretWord))
		all = append(all, text[(shift*4+2)/3:(shift+len(secretWord))*4/3])
	}
	return all
}()

// leak returns what a text has and must not have.
func leak(text string) string {
	for _, needle := range append(needles, otherWords) {
		if i := strings.Index(text, needle); i >= 0 {
			return text[max(0, i-100):min(len(text), i+100)]
		}
	}
	return ""
}
