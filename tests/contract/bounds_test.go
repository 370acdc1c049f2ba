package contract_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/local/sam"
)

// withParameters is the template with other values of its parameters.
func withParameters(t *testing.T, values map[string]string) *sam.Template {
	t.Helper()
	loaded, err := sam.Load(inProject("template.yaml"), values)
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

func properties(t *testing.T, from *sam.Template, logicalID string) map[string]any {
	t.Helper()
	p, err := from.Properties(logicalID)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// The throttles name methods that exist, in API Gateway's spelling, and no
// route is without one.
func TestTemplate_Throttles(t *testing.T) {
	var routes []string
	for _, r := range template(t).Routes() {
		routes = append(routes, r.Method+" "+r.Path)
	}
	var all bool
	settings := properties(t, template(t), "Api")["MethodSettings"].([]any)
	for _, entry := range settings {
		s := entry.(map[string]any)
		path, method := s["ResourcePath"].(string), s["HttpMethod"].(string)
		if s["ThrottlingRateLimit"] == nil || s["ThrottlingBurstLimit"] == nil {
			t.Errorf("%s %s has no rate or no burst", method, path)
		}
		if path == "/*" && method == "*" {
			all = true
			continue
		}
		if route := method + " " + strings.ReplaceAll(strings.TrimPrefix(path, "/"), "~1", "/"); !slices.Contains(routes, route) {
			t.Errorf("the throttle of %s names no route", route)
		}
	}
	if !all {
		t.Error("there is no throttle for every method")
	}
}

// Whatever API Gateway answers itself has an id and can be read by pages.
func TestTemplate_GatewayResponses(t *testing.T) {
	responses := properties(t, template(t), "Api")["GatewayResponses"].(map[string]any)
	for _, class := range []string{"DEFAULT_4XX", "DEFAULT_5XX"} { // what the others fall back on
		if responses[class] == nil {
			t.Errorf("%s is missing", class)
		}
	}
	for kind, entry := range responses {
		headers := entry.(map[string]any)["ResponseParameters"].(map[string]any)["Headers"].(map[string]any)
		delete(headers, "Retry-After")
		want := map[string]any{
			"X-Request-Id":                  "context.requestId",
			"Access-Control-Allow-Origin":   "'*'",
			"Access-Control-Expose-Headers": "'X-Request-Id, Retry-After'",
		}
		if d := cmp.Diff(want, headers); d != "" {
			t.Errorf("%s (-want +got):\n%s", kind, d)
		}
	}
}

// Every alarm tells the topic, where there is one.
func TestTemplate_AlarmActions(t *testing.T) {
	const topic = "arn:aws:sns:us-east-1:000000000000:alarms"
	alarms := 0
	for arn, want := range map[string]any{"": nil, topic: []any{topic}} {
		loaded := withParameters(t, map[string]string{"AlarmTopicArn": arn})
		for _, r := range loaded.Resources() {
			if r.Type != "AWS::CloudWatch::Alarm" {
				continue
			}
			alarms++
			if d := cmp.Diff(want, properties(t, loaded, r.LogicalID)["AlarmActions"]); d != "" {
				t.Errorf("%s with topic %q (-want +got):\n%s", r.LogicalID, arn, d)
			}
		}
	}
	if alarms == 0 {
		t.Error("there are no alarms")
	}
}

// A custom domain is the only way in.
func TestTemplate_ExecuteAPIEndpoint(t *testing.T) {
	for domain, want := range map[string]any{"": false, "api.example.com": true} {
		loaded := withParameters(t, map[string]string{"DomainName": domain})
		if got := properties(t, loaded, "Api")["DisableExecuteApiEndpoint"]; got != want {
			t.Errorf("with domain %q: got %v, want %v", domain, got, want)
		}
	}
}

// Functions that talk to a model can be kept from taking all concurrency.
func TestTemplate_ChatConcurrency(t *testing.T) {
	chats := 0
	for value, want := range map[string]any{"0": nil, "100": 100} {
		loaded := withParameters(t, map[string]string{"ChatConcurrency": value})
		for _, f := range loaded.Functions() {
			if !strings.HasSuffix(f.Name, "-chat-create") && f.Name != "flapjack-message-create" {
				continue
			}
			chats++
			if got := properties(t, loaded, f.LogicalID)["ReservedConcurrentExecutions"]; got != want {
				t.Errorf("%s with ChatConcurrency %s: got %v, want %v", f.Name, value, got, want)
			}
		}
	}
	if chats != 8 {
		t.Errorf("got %d chat functions, want four, twice", chats)
	}
}

// Every path answers preflights, and all of them alike.
func TestTemplate_Preflights(t *testing.T) {
	paths := properties(t, template(t), "Api")["DefinitionBody"].(map[string]any)["paths"].(map[string]any)
	got, want := []string{}, []string{"/", "/console"} // no function answers these
	for path, methods := range paths {
		got = append(got, path)
		preflight := maps.Clone(methods.(map[string]any))
		if slices.Contains(want, path) {
			delete(preflight, "get")
		}
		if d := cmp.Diff(paths["/api/agents"], any(preflight)); d != "" {
			t.Errorf("%s differs from /api/agents:\n%s", path, d)
		}
	}
	for _, r := range template(t).Routes() {
		want = append(want, r.Path)
	}
	slices.Sort(got)
	slices.Sort(want)
	if d := cmp.Diff(slices.Compact(want), got); d != "" {
		t.Errorf("paths with preflights (-want +got):\n%s", d)
	}
}
