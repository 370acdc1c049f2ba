// Package docs_test compares the documents with the product: the README's first chat and every example run
// as printed, links lead to files, and the tests that promises.md names exist.
package docs_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/tests/inputs"
	"github.com/quintet-agents/quintet/tests/rig"
)

func TestMain(m *testing.M) { rig.Main(m) }

func TestDocuments_Programs(t *testing.T) {
	d := startDemo(t)
	t.Run("README", func(t *testing.T) { firstChat(t, d) })
	t.Run("channels", func(t *testing.T) { firstMessages(t, d) })
	t.Run("agents", func(t *testing.T) { firstTool(t, d) })
	t.Run("automations", func(t *testing.T) { firstAutomation(t, d) })
	t.Run("examples", func(t *testing.T) { allExamples(t, d) })
	t.Run("elsewhere", func(t *testing.T) { elsewhere(t, d) })
	t.Run("hostile", func(t *testing.T) { hostile(t, d) })
}

// firstChat runs the README's first chat in a shell, as a new user would.
func firstChat(t *testing.T, d demo) {
	commands(t, d, "README.md", []string{
		`{"content":"You said: Hello!",`,
		"event: flow_meta\n",
		`"deployment_status":"deployed"`,
		`data: {"delta":" w20"}`,
		`"content":"[[words 20]] [[delay 100]]"`, // the answer to [[recall]]
		`{"role":"assistant","content":"You said: Hello"}`,
		`{"success":true,"data":{"balance":`,
	}, "A first chat")
}

// firstMessages runs the messages over channels in a shell.
func firstMessages(t *testing.T, d demo) {
	commands(t, d, "shared/docs/channels.md", []string{
		"42\n",
		"EVENT_RECEIVED\n",
		`"content":"You said: Hello"`,
		"OK\n",
		`"handed_over":true`,
		`"content":"Ann here: we do.","author":"person"`,
		`"handed_over":false`,
		`"opted_out":true`,
		`"opted_out":false`,
	}, "Try it without a provider", "People of the business")
}

// firstTool runs the settings, the tool and the version of agents.md in a shell.
func firstTool(t *testing.T, d demo) {
	commands(t, d, "shared/docs/agents.md", []string{
		`"max_output_tokens":500`,
		`/?from=Ada%20%26%20Bo"`,
		`"X-Key":"[secret]"`,
		`"status":200`,
		`"deployment_status":"deployed"`,
		`Tool apis said: {`,
		`"success":true,"data":[`,
		`"status":"settled"`,
		`"deployed_version":{"id":`,
		`"version_label":"v1.0"`,
	}, "Try it")
}

// firstAutomation runs the automation of automations.md in a shell.
func firstAutomation(t *testing.T, d demo) {
	commands(t, d, "shared/docs/automations.md", []string{
		`"status":"published"`,
		`"state":"completed"`,
		`"text":"You said: Thank Ada & Bo"`,
		`/?note=You%20said%3A%20Thank%20Ada%20%26%20Bo"`,
		`"from_step":"note"`,
		`"status":"disabled"`,
	}, "Try it")
}

// commands runs the commands of some sections of a document in a shell, in one program, and looks
// for texts in their output, in this order.
func commands(t *testing.T, d demo, document string, wants []string, sections ...string) {
	t.Helper()
	var program []string
	for _, heading := range sections {
		_, section, _ := strings.Cut(read(t, document), "\n## "+heading+"\n")
		section, _, _ = strings.Cut(section, "\n## ")
		for line := range strings.Lines(section) {
			if command, ok := strings.CutPrefix(line, "    "); ok {
				program = append(program, command)
			}
		}
	}
	if len(program) < 8 {
		t.Fatalf("%s: got %d lines of commands in %q, want at least 8", document, len(program), sections)
	}
	got := d.run(t, strings.Join(program, ""))
	rest := got
	for _, want := range wants {
		_, after, found := strings.Cut(rest, want)
		if !found {
			t.Fatalf("got\n%s\nwant %q next in\n%s", got, want, rest)
		}
		rest = after
	}
	if strings.Contains(strings.ReplaceAll(got, `"error":null`, ""), `"error"`) {
		t.Errorf("got an error, want none, in\n%s", got)
	}
}

// demo is a rig that a shell sees like `make run`.
type demo struct{ file string }

func startDemo(t *testing.T) demo {
	t.Helper()
	r := rig.Start(t, 1000*ledger.Credit)
	operator, err := identity.NewOperatorKey("demo", r.Now())
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(map[string]any{
		"base_url": r.Runner.URL(), "operator_key": operator.Secret,
		"orgs": map[string]any{
			"demo": map[string]any{
				"api_key": r.Key, "agent_id": r.Agent.ID, "session_cookie": "none", "webhook_secret": callbackSecret(t, r),
			},
			"empty": map[string]any{"id": r.Table.Org(t, 0)},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "demo.json")
	if err := os.WriteFile(file, body, 0o600); err != nil {
		t.Fatal(err)
	}
	return demo{file}
}

// callbackSecret returns a new secret of the org's callbacks.
func callbackSecret(t *testing.T, r *rig.Rig) string {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, r.Runner.URL()+"/api/v1/webhooks/callbacks/rotate-secret", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+r.Key)
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var rotated struct{ Data struct{ Secret string } }
	if err := json.NewDecoder(answer.Body).Decode(&rotated); err != nil || rotated.Data.Secret == "" {
		t.Fatalf("got %v and %+v, want a secret", err, rotated)
	}
	return rotated.Data.Secret
}

// run runs a shell program in the clone and returns its output.
func (d demo) run(t *testing.T, program string) string {
	t.Helper()
	cmd := inputs.AtRoot(exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", program))
	cmd.Env = append(os.Environ(), "DEMO="+d.file, "PYTHONDONTWRITEBYTECODE=1")
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil || complaints.Len() > 0 {
		t.Fatalf("got %v and on standard error\n%s\non standard output\n%s", err, &complaints, out)
	}
	return string(out)
}

// The README stays short enough to be read in one go.
func TestReadme_Size(t *testing.T) {
	if got := len(read(t, "README.md")); got > 10<<10 {
		t.Errorf("got %d bytes, want at most 10 KB: long tables belong into shared/docs", got)
	}
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	path    = regexp.MustCompile("`((?:tests|shared)/[^`<* ]+)`")
)

// Links between the documents lead to existing files and headings.
func TestDocuments_Links(t *testing.T) {
	for _, document := range documents(t) {
		for _, m := range link.FindAllStringSubmatch(read(t, document), -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, ":") {
				continue // another site
			}
			file := document
			if target != "" {
				file = filepath.Join(filepath.Dir(document), target)
			}
			if _, err := os.Stat(filepath.Join(dynamotest.Root(), file)); err != nil {
				t.Errorf("%s: link %s: got %v, want a file", document, m[1], err)
				continue
			}
			if anchor != "" && !slices.Contains(anchors(read(t, file)), anchor) {
				t.Errorf("%s: link %s: got no such heading in %s, want one", document, m[1], file)
			}
		}
	}
}

// Files and folders that the documents name in backquotes exist. Decision records are not checked: they name
// those of their time.
func TestDocuments_NamedPaths(t *testing.T) {
	for _, document := range documents(t) {
		if strings.HasPrefix(document, "shared/docs/adr/") || document == "CHANGELOG.md" {
			continue
		}
		for _, m := range path.FindAllStringSubmatch(read(t, document), -1) {
			name, _, _ := strings.Cut(m[1], "#")
			if _, err := os.Stat(filepath.Join(dynamotest.Root(), name)); err != nil {
				t.Errorf("%s names %s: got %v, want a file or folder", document, m[1], err)
			}
		}
	}
}

var secretArgument = regexp.MustCompile(`--(value|secret-string|password)[ =]"?\$`)

// Commands in the documents do not pass a secret as an argument, where every user of the
// machine can see it in the list of processes.
func TestDocuments_SecretArguments(t *testing.T) {
	for _, document := range documents(t) {
		for line := range strings.SplitSeq(read(t, document), "\n") {
			if secretArgument.MatchString(line) {
				t.Errorf("%s: got %q, want the secret on standard input", document, line)
			}
		}
	}
}

// documents returns the Markdown files of the repository, from its root.
func documents(t *testing.T) []string {
	t.Helper()
	// No pattern lists the root or the client's folder: tools keep files there, and Go would
	// repeat these tests after each change.
	all := []string{"CHANGELOG.md", "CONTRIBUTING.md", "README.md", "shared/sdk/typescript/README.md"}
	for _, pattern := range []string{"shared/docs/*.md", "shared/docs/*/*.md"} {
		found, err := filepath.Glob(filepath.Join(dynamotest.Root(), pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range found {
			name, err := filepath.Rel(dynamotest.Root(), file)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, name)
		}
	}
	if len(all) < 30 {
		t.Fatalf("got %d documents, want at least 30", len(all))
	}
	return all
}

// anchors returns the anchors of a document's headings in GitHub's form.
func anchors(text string) []string {
	drop := regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	var all []string
	for _, m := range heading.FindAllStringSubmatch(text, -1) {
		all = append(all, strings.ReplaceAll(drop.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-"))
	}
	return all
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dynamotest.Root(), name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
