package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/local/sam"
)

const project = "../../.."

// The main.go files are up to date, so local and deployed functions are the same.
func TestGenerate_NothingDrifted(t *testing.T) {
	want, err := mainsOf(project)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]byte{}
	folders, err := filepath.Glob(filepath.Join(project, "functions", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		if got[filepath.Base(folder)], err = os.ReadFile(filepath.Join(folder, "main.go")); err != nil {
			t.Fatal(err)
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("functions/ is not what shared/routes says; run make functions (-want +got):\n%s", d)
	}
}

// copied returns a copy of the files that a new route changes.
func copied(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for _, pattern := range []string{
		routesPath, "template.yaml", "events/*.json", "functions/*/main.go", "shared/api/*/openapi*.yaml", "tests/contract/*_test.go",
	} {
		found, err := filepath.Glob(filepath.Join(project, pattern))
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: got %d files, %v; want at least one", pattern, len(found), err)
		}
		for _, path := range found {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			to, err := filepath.Rel(project, path)
			if err != nil {
				t.Fatal(err)
			}
			to = filepath.Join(root, to)
			if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(to, text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return root
}

func TestNew_LaysDownAllThatARouteNeeds(t *testing.T) {
	for name, c := range map[string]struct {
		method, path, like string
		maker              string
	}{
		"manage-webhook-pause":    {"POST", "/api/v1/webhooks/{id}/pause", "manage-webhook-test", "webhook.Pause("},
		"manage-attempt-list":     {"GET", "/api/v1/webhooks/{id}/deliveries/{delivery_id}/attempts", "manage-delivery-replay", "webhook.AttemptList("},
		"manage-secret-get":       {"GET", "/api/v1/webhooks/{id}/secret", "manage-webhook-get", "webhook.SecretGet("},
		"manage-photo-get":        {"GET", "/api/v1/org/members/{id}/photo", "", "member.PhotoGet("},
		"flametalk-version-list":  {"GET", "/v1/agents/{id}/versions", "", "flametalk.VersionList("},
		"flexyagents-thread-list": {"GET", "/api/flexy/threads", "", "flexyagents.ThreadList("},
	} {
		t.Run(name, func(t *testing.T) {
			root := copied(t)
			n, err := plan(root, name, c.method, c.path, c.like)
			if err != nil {
				t.Fatal(err)
			}
			if err := n.lay(root); err != nil {
				t.Fatal(err)
			}
			if err := generate(root); err != nil {
				t.Fatal(err)
			}
			for file, want := range map[string]string{
				"functions/" + name + "/main.go":      "return " + c.maker,
				routesPath:                            `"` + name + `"`,
				n.document:                            "    " + strings.ToLower(c.method) + ":\n      operationId: " + operationID(name) + "\n",
				"events/" + name + ".json":            `"resource": "` + c.path + `"`,
				"tests/contract/matrix_rules_test.go": `"` + name + `":`,
			} {
				text, err := os.ReadFile(filepath.Join(root, file))
				if err != nil || strings.Count(string(text), want) != 1 {
					t.Errorf("%s: got %q %d times, want once (%v)", file, want, strings.Count(string(text), want), err)
				}
			}
			tests, err := fileWith(root, "tests/contract/exchanges_*_test.go", `of("`+name+`",`)
			if err != nil {
				t.Errorf("got no exchanges in %q: %v", tests, err)
			}
			source, err := os.ReadFile(filepath.Join(root, "template.yaml"))
			if err != nil || strings.Count(string(source), " "+c.path+": {") != 1 {
				t.Errorf("got %d preflights of %s, want 1 (%v)", strings.Count(string(source), " "+c.path+": {"), c.path, err)
			}
			template, err := sam.Load(filepath.Join(root, "template.yaml"), nil)
			if err != nil {
				t.Fatal(err)
			}
			got := sam.Route{}
			for _, r := range template.Routes() {
				if r.Function == name {
					got = r
				}
			}
			if got.Method != c.method || got.Path != c.path {
				t.Errorf("got %s %s in template.yaml, want %s %s", got.Method, got.Path, c.method, c.path)
			}
		})
	}
}

// The example event of a route without a similar event that has its parameters takes their
// values from another event of its collection.
func TestNew_EventNamesItsOwnResource(t *testing.T) {
	n, err := plan(project, "manage-photo-get", "GET", "/api/v1/org/members/{id}/photo", "manage-member-list")
	if err != nil {
		t.Fatal(err)
	}
	text, err := n.event(project)
	if err != nil {
		t.Fatal(err)
	}
	var got, update request
	other, err := os.ReadFile(filepath.Join(project, "events", "manage-member-update.json"))
	if err != nil || json.Unmarshal([]byte(text), &got) != nil || json.Unmarshal(other, &update) != nil {
		t.Fatalf("got %v in %s, want two JSON objects", err, text)
	}
	if want := update.Path + "/photo"; got.Path != want {
		t.Errorf("got the path %s, want %s", got.Path, want)
	}
}

func TestNew_RefusesWhatCannotBe(t *testing.T) {
	for want, args := range map[string][4]string{
		"is not surface-noun-verb":    {"Webhook", "GET", "/x", ""},
		"is none of":                  {"manage-x-get", "TRACE", "/x", ""},
		"is not like":                 {"manage-x-get", "GET", "/x/{id", ""},
		"manage-webhook-get exists":   {"manage-webhook-get", "GET", "/x", ""},
		"it is manage-webhook-get":    {"manage-x-get", "GET", "/api/v1/webhooks/{id}", ""},
		"no function to begin with":   {"nobody-x-get", "GET", "/x", ""},
		`-like "worker-sweep" has no`: {"manage-x-get", "GET", "/x", "worker-sweep"},
	} {
		if _, err := plan(project, args[0], args[1], args[2], args[3]); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("plan(%q): got %v, want an error with %q", args, err, want)
		}
	}
}
