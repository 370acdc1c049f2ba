package contract_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/local/sam"
)

// withParameters returns the template with other values of its parameters.
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

// The throttles name existing methods, in API Gateway's spelling, and every route has one.
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
			t.Errorf("%s %s: got no rate or no burst, want both", method, path)
		}
		if path == "/*" && method == "*" {
			all = true
			continue
		}
		if route := method + " " + strings.ReplaceAll(strings.TrimPrefix(path, "/"), "~1", "/"); !slices.Contains(routes, route) {
			t.Errorf("throttle of %s: got no such route, want one", route)
		}
	}
	if !all {
		t.Error("got no throttle for all methods, want one")
	}
}

// API Gateway's own answers have an id and can be read by pages.
func TestTemplate_GatewayResponses(t *testing.T) {
	responses := properties(t, template(t), "Api")["GatewayResponses"].(map[string]any)
	for _, class := range []string{"DEFAULT_4XX", "DEFAULT_5XX"} { // the fallbacks of all others
		if responses[class] == nil {
			t.Errorf("got no %s, want one", class)
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

// Every alarm notifies the topic, if there is one.
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
		t.Error("got no alarms, want some")
	}
}

// With a custom domain, the execute-api endpoint is disabled.
func TestTemplate_ExecuteAPIEndpoint(t *testing.T) {
	for domain, want := range map[string]any{"": false, "api.example.com": true} {
		loaded := withParameters(t, map[string]string{"DomainName": domain})
		if got := properties(t, loaded, "Api")["DisableExecuteApiEndpoint"]; got != want {
			t.Errorf("with domain %q: got %v, want %v", domain, got, want)
		}
	}
}

// The concurrency of functions that ask a model can be limited.
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

// Every path that pages may call answers preflights in the same way. The webhooks of channels are
// not for pages.
func TestTemplate_Preflights(t *testing.T) {
	paths := properties(t, template(t), "Api")["DefinitionBody"].(map[string]any)["paths"].(map[string]any)
	got, want := []string{}, []string{"/", "/console"} // API Gateway answers these itself
	for path, methods := range paths {
		got = append(got, path)
		preflight := maps.Clone(methods.(map[string]any))
		if slices.Contains(want, path) {
			delete(preflight, "get")
		}
		if d := cmp.Diff(paths["/api/agents"], any(preflight)); d != "" {
			t.Errorf("preflight of %s (-want +got):\n%s", path, d)
		}
	}
	for _, r := range template(t).Routes() {
		if !strings.HasPrefix(r.Path, "/api/webhooks/") {
			want = append(want, r.Path)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if d := cmp.Diff(slices.Compact(want), got); d != "" {
		t.Errorf("paths with preflights (-want +got):\n%s", d)
	}
}
