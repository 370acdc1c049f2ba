package contract_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/job"
	"github.com/quintet-agents/quintet/shared/routes"
	"github.com/quintet-agents/quintet/shared/turn"
	"github.com/quintet-agents/quintet/shared/work"
)

// exerciseQueue runs everything that the function of a queue does.
func (w *world) exerciseQueue(t *testing.T, route routes.Route, deps *boot.Deps) {
	t.Helper()
	connected := map[string]string{"worker-meta": "WHATSAPP", "worker-mail": "EMAIL", "worker-twilio": "TWILIO"}[route.Function]
	var messages, last []any // last are handled after the others: a batch is handled at once
	switch route.Function {
	case "worker-callback":
		messages = []any{w.job(t, "[[words 3]]"), w.jobOf(t, w.names["HANDY_AGENT"], "", aToolCall), w.job(t, "[[throttle]]"), w.jobIn(t, w.names["THREAD"], "[[nomodel]]"), w.crowdedJob(t), w.jobOf(t, w.names["OWN_KEY_AGENT"], "", "hi"), w.jobOf(t, w.names["OWN_ROLE_AGENT"], "", "hi")}
	case "worker-automation":
		w.forgetSecret(t)
		messages = w.runs(t)
	case "worker-delivery":
		w.forgetSecret(t)
		fails := httptest.NewServer(http.NotFoundHandler())
		t.Cleanup(fails.Close)
		messages = []any{w.delivery(t, fails.URL), w.delivery(t, "http://10.0.0.1/"), w.longDelivery(t, fails.URL)}
		messages = append(messages, w.webhookDeliveries(t, fails.URL)...)
		messages = append(messages, w.startingFanout(t))
		messages = append(messages, w.fanouts(t)...)
	case "worker-meta":
		for _, name := range []string{"WHATSAPP", "INSTAGRAM", "MESSENGER"} {
			work, verification := w.channelWork(t, name)
			messages, last = append(messages, work...), append(last, verification)
		}
	case "worker-mail":
		work, verification := w.channelWork(t, "EMAIL")
		messages, last = work, []any{verification}
	case "worker-twilio":
		work, verification := w.channelWork(t, "TWILIO")
		messages, last = work, []any{verification}
	default:
		t.Fatalf("got no messages for %s, want a case here", route.Function)
	}
	ctx, cancel := context.WithTimeout(t.Context(), workerTime)
	defer cancel()
	handle := func(batch []any) {
		res, err := boot.Batch(route.Queue(deps))(ctx, eventOf(t, batch))
		if err != nil || len(res.BatchItemFailures) != 0 {
			t.Errorf("got %v, %v, want no failures", res, err)
		}
	}
	for _, batch := range [][]any{messages, messages, last} { // the second time, nothing is left to do
		handle(batch)
	}
	if connected != "" {
		w.ownChats(t, connected, handle)
	}
}

// eventOf returns the event that Lambda makes of messages.
func eventOf(t *testing.T, messages []any) events.SQSEvent {
	t.Helper()
	var e events.SQSEvent
	for i, m := range messages {
		body, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		e.Records = append(e.Records, events.SQSMessage{MessageId: string(rune('a' + i)), Body: string(body)})
	}
	return e
}

// workerTime is the timeout of the functions of queues. Near its end they begin nothing.
const workerTime = 10 * time.Minute

// forgetSecret deletes the secret that signs the org's callbacks: the first delivery creates it.
func (w *world) forgetSecret(t *testing.T) {
	t.Helper()
	_, err := w.Client.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &w.Name, Key: map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: "ORG#" + w.org + "#SECRETS"}, "sk": &types.AttributeValueMemberS{Value: delivery.Callbacks},
	}})
	if err != nil {
		t.Fatal(err)
	}
}

// job stores a chat with a callback_url.
func (w *world) job(t *testing.T, text string) job.Ref {
	t.Helper()
	return w.jobIn(t, "", text)
}

func (w *world) jobIn(t *testing.T, threadID, text string) job.Ref {
	t.Helper()
	return w.jobOf(t, w.names["AGENT"], threadID, text)
}

func (w *world) jobOf(t *testing.T, agentID, threadID, text string) job.Ref {
	t.Helper()
	j := job.Job{
		Ref: job.Ref{OrgID: w.org, ID: delivery.NewID()}, URL: "http://127.0.0.1:1/", CreatedAt: w.Now(),
		Input: turn.Input{Caller: identity.Caller{OrgID: w.org, KeyID: "key"}, Agent: agentID, ThreadID: threadID, Text: text, Whole: true, Channel: "flowgent"},
	}
	if err := w.Store.CreateJob(t.Context(), nil, j); err != nil {
		t.Fatal(err)
	}
	return j.Ref
}

// crowdedJob stores a chat of an org that has all its slots taken.
func (w *world) crowdedJob(t *testing.T) job.Ref {
	t.Helper()
	org := w.Org(t, 0)
	for range work.RunSlots {
		place := work.Place{OrgID: org, Stage: work.Runs}
		if _, ok, err := w.Store.ClaimSlot(t.Context(), place, w.Now(), w.Now().Add(time.Minute)); err != nil || !ok {
			t.Fatalf("got %t, %v, want a slot", ok, err)
		}
	}
	j := job.Job{Ref: job.Ref{OrgID: org, ID: delivery.NewID()}, URL: "http://127.0.0.1:1/", CreatedAt: w.Now()}
	if err := w.Store.CreateJob(t.Context(), nil, j); err != nil {
		t.Fatal(err)
	}
	return j.Ref
}

// delivery stores a delivery to a URL.
func (w *world) delivery(t *testing.T, url string) delivery.Ref {
	t.Helper()
	return w.deliver(t, url, []byte(`{"a":1}`))
}

// longDelivery stores a delivery that exceeds one item.
func (w *world) longDelivery(t *testing.T, url string) delivery.Ref {
	t.Helper()
	return w.deliver(t, url, incompressible(1<<20))
}

func (w *world) deliver(t *testing.T, url string, body []byte) delivery.Ref {
	t.Helper()
	ref := w.job(t, "hi")
	job, err := w.Store.ClaimJob(t.Context(), ref, "lease", w.Now(), w.Now().Add(time.Minute))
	if err != nil || job == nil {
		t.Fatalf("got %v, %v, want a job", job, err)
	}
	job.URL = url
	d := job.Outcome(body, w.Now())
	if ours, err := w.Store.FinishJob(t.Context(), *job, d); err != nil || !ours {
		t.Fatalf("got %t, %v, want a finished job", ours, err)
	}
	return d.Ref
}

// incompressible returns bytes that cannot be compressed.
func incompressible(n int) []byte {
	b := make([]byte, n)
	x := uint64(1)
	for i := range b {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		b[i] = byte(x)
	}
	return b
}
