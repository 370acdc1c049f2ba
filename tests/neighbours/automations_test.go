package neighbours_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/work"
)

// starter is the webhook of an org's automation.
type starter struct {
	*org

	path string
	came <-chan string // the requests of its runs
}

const webhookSecret = "a-secret-of-the-webhook"

// automation publishes an automation whose webhook starts a run of one request to a URL.
func (o *org) automation(t *testing.T, url string) *starter {
	t.Helper()
	s := &starter{org: o, path: "/api/webhooks/automations/" + delivery.NewID()}
	answer := o.call(t, "/api/v1/automations", fmt.Sprintf(`{"name":"Orders","trigger":{"type":"webhook","path":%q,"verify":{"type":"bearer","secret":%q}},
		"steps":[{"id":"send","type":"http","url":%q,"body":"{}","retry":{"attempts":1}}]}`, s.path[strings.LastIndex(s.path, "/")+1:], webhookSecret, url))
	var created struct {
		Data struct {
			ID string `json:"id"`
		} `json:"data"`
	}
	if err := json.Unmarshal(answer, &created); err != nil || created.Data.ID == "" {
		t.Fatalf("got %s, %v, want an automation", answer, err)
	}
	o.post(t, "/api/v1/automations/"+created.Data.ID+"/publish", "")
	return s
}

// fire starts a run.
func (s *starter) fire(t *testing.T) {
	req, err := http.NewRequest(http.MethodPost, s.Runner.URL()+s.path, strings.NewReader(`{}`))
	if err != nil {
		t.Error(err)
		return
	}
	req.Header.Set("Authorization", "Bearer "+webhookSecret)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Error(err)
		return
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusAccepted {
		t.Errorf("got status %d for a webhook, want 202", res.StatusCode)
	}
}

// run starts a run and returns the time to the arrival of its request.
func (s *starter) run(t *testing.T) time.Duration {
	t.Helper()
	begin := time.Now()
	s.fire(t)
	s.wait(t, s.came, func(string) bool { return true })
	return time.Since(begin)
}

// One webhook starts 1,000 runs at once, whose requests are never answered.
func TestAutomations_BesideFlood(t *testing.T) {
	w := newWorld(t)
	quiet := w.quiet.automation(t, w.receiver.URL+"/automation")
	quiet.came = w.expect("/automation")
	noisy := w.noisy.automation(t, w.silent.URL+"/")
	w.compare(t, quiet.run, func(high func()) {
		const runs = 1000
		flood(runs, func() { noisy.fire(t) })
		high()
	})
	// The local queue gives one org four workers at a time; TestWorker_Slots has more.
	if got, want := w.connections.most.Load(), int64(work.AutomationSlots); got > want {
		t.Errorf("got %d runs of one org that work at a time, want at most %d", got, want)
	}
}
