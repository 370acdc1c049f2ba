package contract_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/local/sam"
	"github.com/quintet-agents/quintet/shared/routes"
	"github.com/quintet-agents/quintet/shared/turn"
)

// A function has exactly the permissions that it uses.
func TestPermissions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	aws := &recorder{}
	store, bedrock := aws.before(t, dynamotest.Endpoint()), aws.before(t, localModel(t))
	for _, f := range template(t).Functions() {
		t.Run(f.Name, func(t *testing.T) {
			route, ok := routes.Find(f.Name)
			if !ok {
				t.Fatal("got no entry in shared/routes, want one")
			}
			aws.reset()
			// The dependencies are new, so that no key is cached.
			w.exercise(t, route, w.deps(store, bedrock))
			if d := cmp.Diff(granted(t, f), aws.used()); d != "" {
				t.Errorf("permissions (-granted +used):\n%s", d)
			}
		})
	}
}

// exercise runs everything that a function does.
func (w *world) exercise(t *testing.T, route routes.Route, deps *boot.Deps) {
	t.Helper()
	if route.Schedule != nil {
		w.receive(t, inbox.Ref{OrgID: w.org, Channel: connection.Email, ConnectionID: nowhere}, channel.Update{Status: &channel.Status{MessageID: turn.NewID()}})
		w.hold(t)
		w.deleteThread(t)
		w.job(t, "hi")
		w.delivery(t, "http://127.0.0.1:1/")
		w.run(t, w.org, `{"id": "a", "type": "set", "values": {"x": "1"}}`)
		w.publishedAutomation(t, w.org, automation.Trigger{Type: automation.Schedule, EveryMinutes: 1})
		e := events.CloudWatchEvent{Time: w.Now().Add(2 * ledger.HoldLife)}
		if err := boot.Scheduled(route.Schedule(deps))(lambdaContext(t), e); err != nil {
			t.Error(err)
		}
		return
	}
	if route.Queue != nil {
		w.exerciseQueue(t, route, deps)
		return
	}
	if route.Changes != nil {
		w.exerciseChanges(t, route.Changes(deps))
		return
	}
	p, send := newProduct(t, deps), buffered
	if route.Stream != nil {
		send = streamed
	}
	for _, x := range exchanges {
		if x.function != route.Function {
			continue
		}
		w.ready(t, x)
		if a := send(t, p, w, x); a.Status != x.status {
			t.Errorf("%s: got status %d, want %d: %s", x.name(), a.Status, x.status, a.Body)
		}
	}
}

// permissions are the permissions that a function has or uses: an action and its resource.
type permissions = map[string]bool

// recorder records the calls of AWS, and the permissions that they need.
type recorder struct {
	mu    sync.Mutex
	seen  permissions
	calls []call
}

// call is a call of AWS that needs a permission: the permission, and the request's body.
type call struct{ operation, body string }

func (r *recorder) reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen, r.calls = permissions{}, nil
}

// made returns the calls since the last reset.
func (r *recorder) made() []call {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.calls)
}

func (r *recorder) used() permissions {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.seen)
}

// before starts a proxy that records, and returns its address.
func (r *recorder) before(t *testing.T, endpoint string) string {
	t.Helper()
	target, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.FlushInterval = -1
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			t.Error(err)
		}
		req.Body = io.NopCloser(bytes.NewReader(body))
		needed, err := needs(req, body)
		if err != nil {
			t.Error(err)
		}
		r.mu.Lock()
		for _, permission := range needed {
			r.seen[permission] = true
			r.calls = append(r.calls, call{permission, string(body)})
		}
		r.mu.Unlock()
		proxy.ServeHTTP(w, req)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// transactionSteps are the permissions for the steps of a transaction; transactions themselves
// need none.
var transactionSteps = map[string]string{
	"Put": "dynamodb:PutItem", "Update": "dynamodb:UpdateItem", "Delete": "dynamodb:DeleteItem",
	"ConditionCheck": "dynamodb:ConditionCheckItem", "Get": "dynamodb:GetItem",
}

// needs returns the permissions that a call of an AWS service needs.
func needs(req *http.Request, body []byte) ([]string, error) {
	if strings.HasPrefix(req.URL.Path, "/model/") {
		switch req.URL.Path[strings.LastIndex(req.URL.Path, "/")+1:] {
		case "converse-stream":
			return []string{"bedrock:InvokeModelWithResponseStream on a model"}, nil
		case "converse":
			return []string{"bedrock:InvokeModel on a model"}, nil
		}
		return nil, fmt.Errorf("unknown permission of %s", req.URL.Path)
	}
	if path, ok := strings.CutPrefix(req.URL.Path, "/v2/email/"); ok {
		return needsOfMail(req.Method, path)
	}
	if strings.HasSuffix(req.URL.Path, "/.well-known/jwks.json") {
		return nil, nil // a public document
	}
	if _, operation, ok := strings.Cut(req.Header.Get("X-Amz-Target"), "AWSCognitoIdentityProviderService."); ok {
		if req.Header.Get("Authorization") == "" {
			return nil, nil // called by users of the pool, not by the function's role
		}
		return []string{"cognito-idp:" + operation + " on the user pool"}, nil
	}
	if _, operation, ok := strings.Cut(req.Header.Get("X-Amz-Target"), "AmazonSQS."); ok {
		return needsOfQueue(operation, body)
	}
	if operation, ok := strings.CutPrefix(req.Header.Get("X-Amz-Target"), "AmazonSSM."); ok {
		return needsOfParameter(operation, body)
	}
	if strings.Contains(req.Header.Get("Authorization"), "/sts/aws4_request") {
		return needsOfRole(body)
	}
	if _, operation, ok := strings.Cut(req.Header.Get("X-Amz-Target"), "TrentService."); ok {
		return []string{"kms:" + operation + " on the key"}, nil
	}
	_, operation, ok := strings.Cut(req.Header.Get("X-Amz-Target"), "DynamoDB_20120810.")
	if !ok {
		return nil, fmt.Errorf("unknown permission of %s %s %s", req.Header.Get("X-Amz-Target"), req.Method, req.URL)
	}
	var call struct {
		IndexName     string
		TransactItems []map[string]json.RawMessage
	}
	if err := json.Unmarshal(body, &call); err != nil {
		return nil, err
	}
	if call.TransactItems == nil {
		if call.IndexName != "" {
			return []string{"dynamodb:" + operation + " on the index " + call.IndexName}, nil
		}
		return []string{"dynamodb:" + operation + " on the table"}, nil
	}
	var all []string
	for _, item := range call.TransactItems {
		for step := range item {
			action, ok := transactionSteps[step]
			if !ok {
				return nil, fmt.Errorf("unknown permission of %s in a transaction", step)
			}
			all = append(all, action+" on the table")
		}
	}
	return all, nil
}

// needsOfQueue returns the permission for a call of SQS. Batches need no permission of their own.
func needsOfQueue(operation string, body []byte) ([]string, error) {
	var call struct{ QueueUrl string }
	err := json.Unmarshal(body, &call)
	return []string{"sqs:" + strings.TrimSuffix(operation, "Batch") + " on the queue " + path.Base(call.QueueUrl)}, err
}

// needsOfMail returns the permissions for a call of SES. Mails are sent raw, for which SendEmail
// also needs the right of SendRawEmail.
func needsOfMail(method, path string) ([]string, error) {
	switch first, _, _ := strings.Cut(path, "/"); method + " " + first {
	case "POST outbound-emails":
		return []string{"ses:SendEmail on an identity", "ses:SendRawEmail on an identity"}, nil
	case "GET identities":
		return []string{"ses:GetEmailIdentity on an identity"}, nil
	case "GET account":
		return []string{"ses:GetAccount on the account"}, nil
	}
	return nil, fmt.Errorf("unknown permission of %s %s", method, path)
}

// needsOfRole returns the permission for a call of STS. Policies require an external id.
func needsOfRole(body []byte) ([]string, error) {
	form, err := url.ParseQuery(string(body))
	if err == nil && (form.Get("ExternalId") == "" || form.Get("RoleArn") != ownRoleARN) {
		err = fmt.Errorf("a call of STS for %s with the external id %q, want the org's", form.Get("RoleArn"), form.Get("ExternalId"))
	}
	return []string{"sts:" + form.Get("Action") + " on a role"}, err
}

// needsOfParameter returns the permission for a call of Parameter Store.
func needsOfParameter(operation string, body []byte) ([]string, error) {
	var call struct{ Name string }
	err := json.Unmarshal(body, &call)
	return []string{"ssm:" + operation + " on the parameter " + call.Name}, err
}

// granted returns what a function's policies allow.
func granted(t *testing.T, f sam.Function) permissions {
	t.Helper()
	return allowed(t, statements(t, f))
}

func allowed(t *testing.T, statements []statement) permissions {
	t.Helper()
	all := permissions{}
	for _, s := range statements {
		for _, action := range s.Action {
			for _, resource := range s.Resource {
				all[action+" on "+resourceName(t, resource)] = true
			}
		}
	}
	return all
}

// resourceName returns the name of the resource of an ARN.
func resourceName(t *testing.T, arn string) string {
	t.Helper()
	if arn == "*" { // NoWildcards says where
		return "the account"
	}
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 {
		t.Fatalf("got %q, want an ARN", arn)
	}
	switch service, name := parts[2], parts[5]; service {
	case "dynamodb":
		if _, index, ok := strings.Cut(name, "/index/"); ok {
			return "the index " + index
		}
		return "the table"
	case "cognito-idp":
		return "the user pool"
	case "bedrock":
		return "a model"
	case "ses":
		return "an identity"
	case "iam":
		return "a role"
	case "sqs":
		return "the queue " + name
	case "kms":
		if arn == kmsKey {
			return "the model's key"
		}
		return "the key"
	case "ssm":
		return "the parameter " + strings.TrimPrefix(name, "parameter")
	default:
		return name + " of " + service
	}
}

// list is a string, or a list of strings.
type list []string

// UnmarshalJSON accepts both forms.
func (l *list) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*l = list{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(l))
}

type statement struct {
	Effect    string
	Action    list
	Resource  list
	Condition map[string]map[string]list
}

// statements returns a function's policies, which must be inline: a managed policy, or one of
// SAM's, always allows more than needed.
func statements(t *testing.T, f sam.Function) []statement {
	t.Helper()
	return statementsOf(t, template(t), f)
}

func statementsOf(t *testing.T, template *sam.Template, f sam.Function) []statement {
	t.Helper()
	properties, err := template.Properties(f.LogicalID)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(properties["Policies"])
	if err != nil {
		t.Fatal(err)
	}
	var policies []struct{ Statement []statement }
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&policies); err != nil {
		t.Fatalf("got %v, want policies of Effect, Action, Resource and Condition only", err)
	}
	var all []statement
	for _, p := range policies {
		all = append(all, p.Statement...)
	}
	return all
}

// A wildcard may match models, identities of mail, and roles of other accounts that are made for us, never actions or all resources. SES's
// account is no resource, so the right to read it has none.
func TestPermissions_NoWildcards(t *testing.T) {
	for _, f := range template(t).Functions() {
		for _, s := range statements(t, f) {
			if s.Effect != "Allow" || len(s.Action) == 0 || len(s.Resource) == 0 {
				t.Errorf("%s: got statement %+v, want Allow, actions and resources", f.Name, s)
			}
			for _, action := range s.Action {
				if service, name, _ := strings.Cut(action, ":"); name == "" || strings.ContainsAny(action, "*?") {
					t.Errorf("%s: got the right to do %s of %s, want no wildcard", f.Name, action, service)
				}
			}
			for _, resource := range s.Resource {
				parts := strings.SplitN(resource, ":", 6)
				account := resource == "*" && slices.Equal(s.Action, list{"ses:GetAccount"})
				open := strings.Contains(resource, "*") && (len(parts) < 6 || parts[2] != "bedrock" && parts[2] != "ses" && (parts[2] != "iam" || !strings.HasPrefix(parts[5], "role/quintet-")) || strings.HasPrefix(parts[5], "*"))
				if open && !account {
					t.Errorf("%s: got the right to do %v on %s, want no wildcard", f.Name, []string(s.Action), resource)
				}
			}
		}
		if properties, err := template(t).Properties(f.LogicalID); err != nil || properties["Role"] != nil {
			t.Errorf("%s: got a role (%v), want none: this test does not check its policies", f.Name, err)
		}
	}
	globals := slices.Collect(maps.Keys(templateSource(t).Globals.Function.Rest))
	if slices.Contains(globals, "Policies") || slices.Contains(globals, "Role") {
		t.Error("got a policy for all functions in Globals, want none")
	}
}
