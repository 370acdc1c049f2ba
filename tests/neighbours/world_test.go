package neighbours_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/queue"
	"github.com/quintet-agents/quintet/tests/rig"
	fake "github.com/quintet-agents/quintet/tests/twilio"
)

// world is the product with two orgs, a receiver that accepts everything, and one that never
// answers.
type world struct {
	quiet, noisy *org
	receiver     *httptest.Server
	silent       *httptest.Server
	connections  gauge // of the silent receiver
	twilio       *fake.Server

	mu      sync.Mutex
	waiting map[string]chan string // bodies, by the last part of the path
}

// org is one of the two orgs, with an agent and a key.
type org struct {
	*rig.Rig
	id, key, agent string
	world          *world
	deliveries     *queue.Queue
	once           sync.Once
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{waiting: map[string]chan string{}, twilio: fake.Start(t, quietAccount, noisyAccount)}
	w.receiver = httptest.NewServer(w)
	t.Cleanup(w.receiver.Close)
	ended := make(chan struct{})
	w.silent = httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		select {
		case <-r.Context().Done():
		case <-ended:
		}
	}))
	_ = w.silent.Listener.Close()
	l, err := net.Listen("tcp4", "0.0.0.0:0") // reachable at all of 127.0.0.0/8
	if err != nil {
		t.Fatal(err)
	}
	w.silent.Listener = l
	w.silent.Config.ConnState = w.connections.count
	w.silent.Start()
	w.silent.URL = fmt.Sprintf("http://127.0.0.1:%d", l.Addr().(*net.TCPAddr).Port)
	t.Cleanup(func() { close(ended); w.silent.Close() })

	r := rig.StartConfigured(t, 0, map[string]string{"TwilioApiUrl": w.twilio.URL})
	w.quiet, w.noisy = w.org(t, r), w.org(t, r)
	return w
}

func (w *world) org(t *testing.T, r *rig.Rig) *org {
	t.Helper()
	o := &org{Rig: r, world: w, id: r.Table.Org(t, 1000*ledger.Credit, func(a *ledger.Account) {
		a.Limits.RatePerMinute, a.Limits.KeyRatePerMinute = 1e6, 1e6
	})}
	o.key, _ = r.Table.Key(t, o.id, "")
	o.agent = r.Table.Agent(t, o.id, "be brief").ID
	deps := boot.NewDeps(boot.Config{Endpoint: dynamotest.Endpoint(), Region: "us-east-1", AccessKeyID: "test", SecretAccessKey: "test"})
	client := sqs.NewFromConfig(deps.AWS("sqs", dynamotest.Endpoint()))
	for _, q := range r.Runner.Template().Queues() {
		if q.LogicalID == "Deliveries" {
			found, err := client.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: &q.Name})
			if err != nil {
				t.Fatal(err)
			}
			o.deliveries = queue.New(func() *sqs.Client { return client }, *found.QueueUrl)
		}
	}
	return o
}

// ServeHTTP passes the body of a request to the waiter at its path.
func (w *world) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.mu.Lock()
	waiting := w.waiting[r.URL.Path]
	w.mu.Unlock()
	select {
	case waiting <- string(body):
	default:
	}
}

// expect returns a channel that gets the bodies sent to a path.
func (w *world) expect(path string) <-chan string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.waiting[path] == nil {
		w.waiting[path] = make(chan string, 1000)
	}
	return w.waiting[path]
}

// gauge counts concurrent connections.
type gauge struct{ open, most atomic.Int64 }

func (g *gauge) count(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		n := g.open.Add(1)
		for most := g.most.Load(); n > most && !g.most.CompareAndSwap(most, n); most = g.most.Load() {
		}
	case http.StateClosed, http.StateHijacked:
		g.open.Add(-1)
	}
}

const (
	measurements = 3 // at most, beside a flood
	samples      = 7
	longest      = 45 * time.Second // of one wait
	between      = time.Second
)

// compare measures alone, then beside a flood once it has reached its height, and compares the
// medians. Another load of the machine may slow only one of them down: so a wait that is too
// long is measured again, beside a new flood.
func (w *world) compare(t *testing.T, once func(*testing.T) time.Duration, flood func(high func())) {
	t.Helper()
	once(t) // starts the processes
	once(t)
	alone := measure(t, once, 0)
	want := max(times*alone[len(alone)/2], noise)
	for left := measurements - 1; ; left-- {
		done, high := make(chan struct{}), make(chan struct{})
		go func() { defer close(done); flood(func() { close(high) }) }()
		<-high
		beside := measure(t, once, between)
		<-done
		t.Logf("alone %v, beside the flood %v", alone, beside)
		got, worst := beside[len(beside)/2], beside[len(beside)-1]
		switch {
		case got <= want && worst <= times*want:
			return
		case left == 0:
			t.Errorf("got a median of %v and a maximum of %v beside the flood, want a median of at most %v: alone it is %v", got, worst, want, alone[len(alone)/2])
			return
		}
	}
}

func measure(t *testing.T, once func(*testing.T) time.Duration, pause time.Duration) []time.Duration {
	t.Helper()
	var all []time.Duration
	for begin := time.Now(); len(all) < samples && time.Since(begin) < longest; time.Sleep(pause) {
		all = append(all, once(t).Truncate(time.Millisecond))
	}
	slices.Sort(all)
	return all
}

func (o *org) post(t *testing.T, path, body string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, o.Runner.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Error(err)
		return
	}
	req.Header.Set("Authorization", "Bearer "+o.key)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Error(err)
		return
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode/100 != 2 {
		t.Errorf("POST %s: got %s %s %v, want a 2xx", path, res.Status, answer, err)
	}
}

func (o *org) webhook(t *testing.T, url string) {
	t.Helper()
	o.post(t, "/api/v1/webhooks", fmt.Sprintf(`{"url":%q,"events":["message.created","turn.completed","conversation.started"]}`, url))
}

func (o *org) chat(t *testing.T, text string) {
	t.Helper()
	o.post(t, "/api/agents/"+o.agent+"/chat", fmt.Sprintf(`{"messages":[{"role":"user","content":%q}],"thread_id":%q}`, text, delivery.NewID()))
}

func (o *org) chatLater(t *testing.T, url, text string) {
	t.Helper()
	o.post(t, "/api/public/agent/"+o.agent+"/chat", fmt.Sprintf(`{"messages":%q,"callback_url":%q}`, text, url))
}

// event runs a turn and returns the time from its answer to the arrival of its last event.
func (o *org) event(t *testing.T) time.Duration {
	t.Helper()
	came := o.world.expect("/events")
	o.once.Do(func() { o.webhook(t, o.world.receiver.URL+"/events") })
	o.chat(t, "hello")
	return o.wait(t, came, func(body string) bool { return strings.Contains(body, `"turn.completed"`) })
}

// callback sends a chat with a callback_url and returns the time from its acknowledgement to the
// callback's arrival.
func (o *org) callback(t *testing.T) time.Duration {
	t.Helper()
	came := o.world.expect("/callback")
	o.chatLater(t, o.world.receiver.URL+"/callback", "hello")
	return o.wait(t, came, func(string) bool { return true })
}

// delivery stores a delivery and returns the time to its arrival.
func (o *org) delivery(t *testing.T) time.Duration {
	t.Helper()
	came := o.world.expect("/delivery")
	o.deliver(t, []string{o.world.receiver.URL + "/delivery"}, 1)
	return o.wait(t, came, func(string) bool { return true })
}

func (o *org) wait(t *testing.T, came <-chan string, is func(string) bool) time.Duration {
	t.Helper()
	begin := time.Now()
	for over := time.After(longest); ; {
		select {
		case body := <-came:
			if is(body) {
				return time.Since(begin)
			}
		case <-over:
			t.Errorf("got no request within %v, want one", longest)
			return longest
		}
	}
}

// deliver stores n deliveries to the URLs in turn, and queues each for a worker.
func (o *org) deliver(t *testing.T, urls []string, n int) {
	t.Helper()
	for i := range n {
		d := o.Table.Delivery(t, o.id, urls[i%len(urls)], []byte(`{}`))
		delivery.Wake(t.Context(), o.deliveries, d.Ref)
	}
}
