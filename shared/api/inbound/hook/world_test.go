package hook_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	surface "github.com/quintet-agents/quintet/shared/api/inbound/hook"
	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/automation/hook"
	"github.com/quintet-agents/quintet/shared/awscall"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/kms"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/work"
)

// secret is that of the automations, in the form of the Standard Webhooks specification.
const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

var errDown = errors.New("it does not answer")

// world is a table and a KMS with an org, and a clock.
type world struct {
	dynamotest.Table
	org string
	box kms.Box

	mu     sync.Mutex
	time   time.Time
	opened int   // calls of KMS
	down   error // of KMS
	woken  []work.Message
	send   func() error // instead of a queue that works
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{time: time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)}
	w.Table = dynamotest.Open(t, dynamotest.At(w.now))
	w.org = w.Org(t, ledger.Credit)
	w.box = kms.Box{KMS: awscall.Service{
		Config: aws.Config{
			Region: "us-east-1", BaseEndpoint: aws.String(dynamotest.Endpoint()), HTTPClient: http.DefaultClient,
			Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: "x", SecretAccessKey: "x"}, nil
			}),
		},
		Name: "kms", Now: time.Now,
	}}
	var made struct {
		KeyMetadata struct {
			KeyID string `json:"KeyId"`
		}
	}
	if err := w.box.KMS.JSON(t.Context(), "TrentService.CreateKey", struct{}{}, &made); err != nil {
		t.Fatal(err)
	}
	w.box.KeyID = made.KeyMetadata.KeyID
	return w
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.time
}

func (w *world) wait(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.time = w.time.Add(d)
}

// OpenAutomationSecret counts the calls of KMS.
func (w *world) OpenAutomationSecret(ctx context.Context, orgID, automationID, name string, sealed []byte) (string, error) {
	w.mu.Lock()
	w.opened++
	down := w.down
	w.mu.Unlock()
	if down != nil {
		return "", down
	}
	return w.box.OpenAutomationSecret(ctx, orgID, automationID, name, sealed)
}

// Send is the queue of workers.
func (w *world) Send(_ context.Context, messages ...work.Message) error {
	if w.send != nil {
		return w.send()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.woken = append(w.woken, messages...)
	return nil
}

// process returns the handler of a new process of the function.
func (w *world) process(store hook.Store) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /api/webhooks/automations/{path}", surface.Create(hook.NewReceiver(store, w, w, w.now), w.Store))
	return mux
}

// publish stores an automation that is published under a path.
func (w *world) publish(t *testing.T, path string, by automation.VerifyType) automation.Automation {
	t.Helper()
	a := automation.Automation{ID: automation.NewID(), OrgID: w.org, Name: "Orders", CreatedAt: w.now(), UpdatedAt: w.now()}
	if err := w.Store.CreateAutomation(t.Context(), nil, a); err != nil {
		t.Fatal(err)
	}
	return w.change(t, a.ID, func(a *automation.Automation) { w.define(t, a, path, by, secret) })
}

// define publishes a definition with a secret.
func (w *world) define(t *testing.T, a *automation.Automation, path string, by automation.VerifyType, secret string) {
	t.Helper()
	sealed, err := w.box.SealAutomationSecret(t.Context(), w.org, a.ID, automation.VerifySecret, secret)
	if err != nil {
		t.Fatal(err)
	}
	version := 1
	if a.Published != nil {
		version = a.Published.Version + 1
	}
	a.Published = &automation.Published{Version: version, At: w.now(), Draft: automation.Draft{
		Secrets: automation.Secrets{automation.VerifySecret: sealed},
		Definition: automation.Definition{
			Trigger: automation.Trigger{Type: automation.Webhook, Path: path, Verify: &automation.Verify{Type: by}},
			Steps:   []automation.Step{{ID: "a", Type: automation.Set, Values: map[string]string{"x": "{{trigger.body.order}}"}}},
		},
	}}
}

func (w *world) change(t *testing.T, id string, change func(*automation.Automation)) automation.Automation {
	t.Helper()
	a, err := w.Store.ChangeAutomation(t.Context(), nil, w.org, id, w.now(), func(a *automation.Automation) error {
		change(a)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// runs returns the ids of an automation's runs.
func (w *world) runs(t *testing.T, a automation.Automation) []string {
	t.Helper()
	all, _, err := w.Store.Runs(t.Context(), a.OrgID, a.ID, "", "", 100)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, r := range all {
		ids = append(ids, r.ID)
	}
	return ids
}

// spend counts runs of an org within the current minute.
func (w *world) spend(t *testing.T, orgID string, n int) {
	t.Helper()
	name := sha256.Sum256([]byte("automation webhooks of " + orgID))
	_, err := w.Client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName: &w.Name, UpdateExpression: aws.String("ADD n :n"),
		Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: "ATTEMPTS#" + hex.EncodeToString(name[:])},
			"sk": &types.AttributeValueMemberS{Value: strconv.FormatInt(w.now().Truncate(time.Minute).Add(time.Minute).Unix(), 10)},
		},
		ConditionExpression:       aws.String("attribute_exists(n)"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":n": &types.AttributeValueMemberN{Value: strconv.Itoa(n)}},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// request is a request to the webhook of a path.
type request struct {
	path   string
	body   string
	header map[string]string
}

// standard signs as the library of Standard Webhooks does.
func standard(t *testing.T, path, id, body string, at time.Time) request {
	t.Helper()
	signer, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	signature, err := signer.Sign(id, at, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return request{path, body, map[string]string{
		"webhook-id": id, "webhook-timestamp": strconv.FormatInt(at.Unix(), 10), "webhook-signature": signature, "Content-Type": "application/json",
	}}
}

// hashed signs with X-Signature, and adds a header.
func hashed(path, body string, more ...string) request {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	r := request{path, body, map[string]string{"X-Signature": "sha256=" + hex.EncodeToString(mac.Sum(nil)), "Content-Type": "application/json"}}
	if len(more) == 2 {
		r.header[more[0]] = more[1]
	}
	return r
}

// answer is what a sender gets.
type answer struct {
	status     int
	body       string
	run        string // its id
	replayed   bool
	retryAfter string
}

func (r request) send(t *testing.T, to http.Handler) answer {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/webhooks/automations/"+r.path, strings.NewReader(r.body))
	for name, value := range r.header {
		req.Header.Set(name, value)
	}
	rec := httptest.NewRecorder()
	to.ServeHTTP(rec, req)
	var got struct {
		RunID string `json:"run_id"`
	}
	if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil {
		t.Fatalf("%v: %s", err, rec.Body)
	}
	return answer{rec.Code, rec.Body.String(), got.RunID, rec.Header().Get("Idempotency-Replayed") == "true", rec.Header().Get("Retry-After")}
}
