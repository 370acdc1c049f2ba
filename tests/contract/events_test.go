package contract_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/boot/later"
	"github.com/quintet-agents/quintet/shared/cognito/cognitotest"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/local/sam"
	"github.com/quintet-agents/quintet/shared/routes"
	"github.com/quintet-agents/quintet/tests/sam/example"
)

// Each example event is one that API Gateway could send for the function's route. With the
// rows that it names, the function succeeds.
func TestExampleEvents(t *testing.T) {
	table := dynamotest.Open(t)
	w := &world{Table: table, users: cognitotest.Open(t), chosen: provision(t)}
	seeder := w.deps(dynamotest.Endpoint(), "")
	if err := example.Seed(t.Context(), table.Store, later.Credentials(seeder), later.AutomationSecrets(seeder)); err != nil {
		t.Fatal(err)
	}
	session, err := example.LogIn(t.Context(), table.Store, w.users.Directory)
	if err != nil {
		t.Fatal(err)
	}
	deps := w.deps(dynamotest.Endpoint(), localModel(t))
	for _, path := range glob(t, "events", "*.json") {
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		t.Run(name, func(t *testing.T) {
			route, ok := routes.Find(name)
			if !ok {
				t.Fatal("got no entry in shared/routes, want one")
			}
			if route.Schedule != nil {
				var e events.CloudWatchEvent
				decode(t, path, session, &e)
				if err := boot.Scheduled(route.Schedule(deps))(lambdaContext(t), e); err != nil {
					t.Error(err)
				}
				return
			}
			if route.Queue != nil {
				var e events.SQSEvent
				decode(t, path, session, &e)
				res, err := boot.Batch(route.Queue(deps))(lambdaContext(t), e)
				if err != nil || len(e.Records) == 0 || len(res.BatchItemFailures) != 0 {
					t.Errorf("got %d messages, %v, %v, want some, and no failures", len(e.Records), res, err)
				}
				return
			}
			if route.Changes != nil {
				var e events.DynamoDBEvent
				decode(t, path, session, &e)
				res, err := boot.Followed(route.Changes(deps))(lambdaContext(t), e)
				if err != nil || len(e.Records) == 0 || len(res.BatchItemFailures) != 0 {
					t.Errorf("got %d records, %v, %v, want some, and no failures", len(e.Records), res, err)
				}
				return
			}
			var e events.APIGatewayProxyRequest
			decode(t, path, session, &e)
			checkRoute(t, name, e)
			if a := invoke(t, route, route.Handler(deps), e); a.Status/100 != 2 || !done(a) {
				t.Errorf("got status %d: %s, want a 2xx", a.Status, a.Body)
			}
		})
	}
}

// decode reads an event and refuses fields that its type does not have, except those that
// AWS sends and the type lacks. It sets the session token of the event's sender.
func decode(t *testing.T, path, session string, target any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, lacking := range []string{`"principalOrgId": null,`} {
		text = bytes.ReplaceAll(text, []byte(lacking), nil)
	}
	text = bytes.ReplaceAll(text, []byte(example.Token), []byte(session))
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(target); err != nil {
		t.Fatal(err)
	}
}

// checkRoute compares an event with the routes of its function.
func checkRoute(t *testing.T, function string, e events.APIGatewayProxyRequest) {
	t.Helper()
	own := func(r sam.Route) bool {
		return r.Function == function && r.Method == e.HTTPMethod && r.Path == e.Resource
	}
	if !slices.ContainsFunc(template(t).Routes(), own) {
		t.Errorf("got %s %s, want a route of the function", e.HTTPMethod, e.Resource)
		return
	}
	want := map[string]string{}
	if strings.Count(e.Path, "/") == strings.Count(e.Resource, "/") {
		want = pathParameters(e.Resource, e.Path)
	}
	got := e.PathParameters
	if got == nil {
		got = map[string]string{}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("pathParameters (-want +got):\n%s", d)
	}
	filled := e.Resource
	for name, value := range e.PathParameters {
		filled = strings.ReplaceAll(filled, "{"+name+"}", value)
	}
	if filled != e.Path {
		t.Errorf("got path %s, want %s, from %s", e.Path, filled, e.Resource)
	}
}

// invoke passes an event to a function's own starter.
func invoke(t *testing.T, route routes.Route, h http.Handler, e events.APIGatewayProxyRequest) answer {
	t.Helper()
	if route.Stream != nil {
		res, err := boot.Streamed(h)(lambdaContext(t), e)
		if err != nil {
			t.Fatal(err)
		}
		return streamedAnswer(t, res)
	}
	res, err := boot.Buffered(h)(lambdaContext(t), e)
	if err != nil {
		t.Fatal(err)
	}
	return bufferedAnswer(t, res)
}
