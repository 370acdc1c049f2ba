// Package redrive_test follows a message that no worker can handle to the dead-letter queue
// and back.
package redrive_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/boot/later"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/delivery/outbound"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/queue"
	"github.com/quintet-agents/quintet/shared/secret"
	"github.com/quintet-agents/quintet/shared/work"
)

func TestMain(m *testing.M) { dynamotest.Main(m) }

const (
	batch       = 10
	maxReceives = 5 // as in the template
)

// One message of a batch of ten is poison: nine succeed at once, and only the tenth is
// redelivered until it is dead-lettered. After the cause is fixed it takes effect once, whether
// the redrive or the sweeper sends it.
func TestRedrive_PoisonMessage(t *testing.T) {
	for name, c := range map[string]struct {
		poison      poisoned
		swept       bool // before it is sent back
		dead, alive int  // requests of the poison
	}{
		"fails before delivery":            {poisoned{early: true}, false, 0, 1},
		"fails after delivery":             {poisoned{}, false, maxReceives, maxReceives + 1},
		"fails after delivery, then swept": {poisoned{}, true, maxReceives, maxReceives + 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, &c.poison)
			for range batch {
				w.send(t)
			}
			w.poison.id = w.all[3].EventID

			w.work(t, batch, 1)
			for range maxReceives - 1 {
				w.work(t, 1, 1)
			}
			w.work(t, 0, 0)
			w.wantDone(t, batch-1, c.dead)

			letters, err := w.dead.List(t.Context())
			if err != nil || len(letters) != 1 {
				t.Fatalf("got dead letters %+v, %v, want 1", letters, err)
			}
			w.poison.mended = true
			if c.swept {
				w.sweep(t)
				w.work(t, 1, 0)
				w.wantDone(t, batch, c.alive)
			}
			if moved, err := w.dead.Move(t.Context(), func(l queue.Letter) bool { return l.ID == letters[0].ID }); err != nil || moved != 1 {
				t.Fatalf("got %d moved, %v, want 1", moved, err)
			}
			w.work(t, 1, 0)
			w.work(t, 0, 0)
			w.wantDone(t, batch, c.alive)
		})
	}
}

// poisoned is a client that fails one request with an internal error.
type poisoned struct {
	delivery.Sender
	id     string
	early  bool // before the receiver gets it
	mended bool
}

func (p *poisoned) Post(ctx context.Context, r delivery.Request) (result delivery.Result, err error) {
	poison := r.ID == p.id && !p.mended
	if !poison || !p.early {
		result, err = p.Sender.Post(ctx, r)
	}
	if poison {
		err = errors.New("poison")
	}
	return result, err
}

// world is a worker with its queue and a receiver.
type world struct {
	dynamotest.Table
	org      string
	now      time.Time
	all      []delivery.Delivery
	poison   *poisoned
	handle   func(context.Context, events.SQSEvent) (events.SQSEventResponse, error)
	receiver *httptest.Server

	client *sqs.Client
	url    string
	queue  *queue.Queue
	dead   *queue.Dead

	mu       sync.Mutex
	requests map[string]int // by webhook-id
}

func newWorld(t *testing.T, poison *poisoned) *world {
	t.Helper()
	w := &world{now: time.Now(), poison: poison, requests: map[string]int{}}
	clock := func() time.Time { return w.now }
	w.Table = dynamotest.Open(t, dynamotest.At(clock))
	w.org = w.Org(t, 0)
	w.receiver = httptest.NewServer(w)
	t.Cleanup(w.receiver.Close)
	w.openQueue(t)

	loopback := outbound.NewGuard([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")})
	poison.Sender = outbound.NewClient(loopback, nil, time.Now)
	worker := &delivery.Worker{Store: w.Store, Secrets: signer(secret.New()), Sender: poison, Queue: w.queue, Now: clock}
	w.handle = boot.Batch(boot.Bodies(worker.Work))
	return w
}

type signer string

func (s signer) Signing(context.Context, string, string) ([]string, error) {
	return []string{string(s)}, nil
}

// ServeHTTP accepts every request.
func (w *world) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.requests[r.Header.Get("webhook-id")]++
}

// openQueue creates a queue that redelivers failed messages at once; the fake clock advances by
// the visibility timeout.
func (w *world) openQueue(t *testing.T) {
	t.Helper()
	deps := boot.NewDeps(boot.Config{Endpoint: dynamotest.Endpoint(), Region: "us-east-1", AccessKeyID: "test", SecretAccessKey: "test"})
	w.client = sqs.NewFromConfig(deps.AWS("sqs", dynamotest.Endpoint()))
	create := func(name string, attributes map[string]string) string {
		out, err := w.client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
		if err != nil {
			t.Fatal(err)
		}
		return *out.QueueUrl
	}
	create(w.Name+"-dead", nil)
	w.url = create(w.Name, map[string]string{
		"VisibilityTimeout": "0",
		"RedrivePolicy":     fmt.Sprintf(`{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:%s-dead","maxReceiveCount":%d}`, w.Name, maxReceives),
	})
	w.queue = queue.New(func() *sqs.Client { return w.client }, w.url)
	var err error
	if w.dead, err = later.DeadLetters(t.Context(), deps, w.url); err != nil {
		t.Fatal(err)
	}
}

// send creates a delivery and queues it.
func (w *world) send(t *testing.T) {
	t.Helper()
	d := w.Delivery(t, w.org, w.receiver.URL, []byte(`{}`))
	w.all = append(w.all, d)
	if err := w.queue.Send(t.Context(), work.Message{Body: d.Ref}); err != nil {
		t.Fatal(err)
	}
}

func (w *world) sweep(t *testing.T) {
	t.Helper()
	if err := work.Sweep(w.Store.WaitingDeliveries(), w.queue)(t.Context(), w.now); err != nil {
		t.Fatal(err)
	}
}

// work hands the worker a batch, as Lambda would, and checks the numbers of messages and of
// failures. Then the visibility timeout passes.
func (w *world) work(t *testing.T, come, fail int) {
	t.Helper()
	out, err := w.client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{
		QueueUrl: &w.url, MaxNumberOfMessages: batch,
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
	})
	if err != nil || len(out.Messages) != come {
		t.Fatalf("got %d messages, want %d; %v", len(out.Messages), come, err)
	}
	var e events.SQSEvent
	for _, m := range out.Messages {
		e.Records = append(e.Records, events.SQSMessage{MessageId: *m.MessageId, Body: *m.Body, Attributes: m.Attributes})
	}
	res, err := w.handle(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	fails := map[string]bool{}
	for _, f := range res.BatchItemFailures {
		fails[f.ItemIdentifier] = true
	}
	for _, m := range out.Messages {
		if fails[*m.MessageId] {
			continue
		}
		if _, err := w.client.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: &w.url, ReceiptHandle: m.ReceiptHandle}); err != nil {
			t.Fatal(err)
		}
	}
	if len(fails) != fail {
		t.Fatalf("got %d failed messages, want %d", len(fails), fail)
	}
	w.now = w.now.Add(6 * time.Minute)
}

// wantDone checks how many deliveries have the status delivered. The receiver got each of them once, by
// id; the poison may have arrived several times under one id.
func (w *world) wantDone(t *testing.T, want, ofPoison int) {
	t.Helper()
	done := 0
	for _, sent := range w.all {
		d, err := w.Store.Delivery(t.Context(), sent.Ref)
		if err != nil {
			t.Fatal(err)
		}
		requests := 1
		if d.EventID == w.poison.id {
			requests = ofPoison
		}
		if d.Status == delivery.Delivered {
			done++
		}
		if w.requests[d.EventID] != requests {
			t.Errorf("got %d requests of a %s delivery, want %d", w.requests[d.EventID], d.Status, requests)
		}
	}
	if done != want {
		t.Errorf("got %d delivered, want %d", done, want)
	}
}
