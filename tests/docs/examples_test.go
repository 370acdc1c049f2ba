package docs_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/tests/inputs"
)

const examples = "shared/docs/examples"

// prints is the output of each example, by its file's name, or by the name without extension
// if all languages print the same. Words in angle brackets stand for values that differ from
// run to run; see varying.
var prints = map[string]string{
	"agentflow": `You said: Which way does the ferry go? (<flow> left)
You said: And back? (<flow> left)
`,
	"agentflow.sh": `You said: Which way does the ferry go?
event: status
data: {"state":"thinking"}

event: message
data: "You"

event: message
data: " said:"

event: message
data: " And"

event: message
data: " back?"

event: done
data: {"content":"You said: And back?","text":"You said: And back?","tools":[],"thread_id":"<thread>"}

event: flow_meta
data: {"balance_remaining":"<flow>"}

`,
	"callbacks": `processing
200 You said: When is low tide?
`,
	"channels": spoken("WhatsApp", "Instagram", "Messenger", "SMS", "WhatsApp by Twilio", "mail by Postmark", "mail by Mailgun"),
	"flametalk": `created <uuid>
deployed v1.0
You said: Ahoy!
deployed v1.1
{"deleted":true}
`,
	"flapjack": `You said: Count the lighthouses.
You said: And the ferries?
Count the lighthouses.
`,
	"flapjack.sh": flapjackEvents("Count", "the", "lighthouses.") + flapjackEvents("And", "the", "ferries?") + `Count the lighthouses.
`,
	"flexyagents": `You said: My boat is called Teal. (<credits> credits)
You said: What is my boat called? (<credits> credits)
`,
	"flexyagents.sh": `You said: My boat is called Teal.
{"type":"start","id":"<uuid>","thread_id":"<thread>"}
{"type":"delta","content":"You"}
{"type":"delta","content":" said:"}
{"type":"delta","content":" What"}
{"type":"delta","content":" is"}
{"type":"delta","content":" my"}
{"type":"delta","content":" boat"}
{"type":"delta","content":" called?"}
{"type":"done","message":{"role":"assistant","content":"You said: What is my boat called?"},"usage":{"input_tokens":<tokens>,"output_tokens":7,"credits":<credits>}}
`,
	"flowgent": `user: When is low tide?
assistant: You said: When is low tide?
user: And high tide?
assistant: You said: And high tide?
<credits> credits
`,
	"flowgent.sh": `You said: When is low tide?
[{"role":"user","content":"When is low tide?"},{"role":"assistant","content":"You said: When is low tide?"},` +
		`{"role":"user","content":"And high tide?"},{"role":"assistant","content":"You said: And high tide?"}]
`,
	"webhooks": `message.created Ahoy!
message.created You said: Ahoy!
`,
}

// spoken returns the thread of a question over each channel.
func spoken(channels ...string) string {
	var all strings.Builder
	for _, name := range channels {
		fmt.Fprintf(&all, "%s, user: Do you rent shoes?\n%s, assistant: You said: Do you rent shoes?\n", name, name)
	}
	return all.String()
}

// flapjackEvents returns an answer to some words as Flapjack streams it.
func flapjackEvents(words ...string) string {
	events := "event: meta\ndata: {\"startedAt\":\"<time>\"}\n\n"
	for i, word := range append([]string{"You", "said:"}, words...) {
		if i > 0 {
			word = " " + word
		}
		events += "event: token\ndata: {\"delta\":\"" + word + "\"}\n\n"
	}
	return events + "event: done\ndata: {\"ok\":true,\"messageId\":\"<message>\",\"content\":\"You said: " + strings.Join(words, " ") + "\"}\n\n"
}

var varying = []struct {
	pattern *regexp.Regexp
	name    string
}{
	{regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`), "<uuid>"},
	{regexp.MustCompile(`(boats|tides)-\d+|<uuid>:[a-z0-9-]+`), "<thread>"},
	{regexp.MustCompile(`msg-\d+[ab]-<uuid>`), "<message>"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`), "<time>"},
	{regexp.MustCompile(`\b0\.\d{4,6}\b`), "<credits>"},
	{regexp.MustCompile(`\b\d+\.\d{3}\b`), "<flow>"},
	{regexp.MustCompile(`"input_tokens":\d+`), `"input_tokens":<tokens>`},
	{regexp.MustCompile(`([,:]) `), "$1"}, // languages space JSON differently
}

func steady(text string) string {
	for _, v := range varying {
		text = v.pattern.ReplaceAllString(text, v.name)
	}
	return text
}

// helpers are not examples, but sourced or imported by them.
var helpers = []string{"demo", "field", "settings"}

func allExamples(t *testing.T, d demo) {
	programs := map[string][]string{} // the languages of each example
	for _, name := range files(t) {
		base, language, _ := strings.Cut(name, ".")
		read(t, filepath.Join(examples, name)) // makes Go's test cache depend on it
		if !slices.Contains(helpers, base) {
			programs[base] = append(programs[base], language)
		}
	}
	for _, vendor := range []string{"agentflow", "flametalk", "flapjack", "flexyagents", "flowgent"} {
		if got, want := programs[vendor], []string{"py", "sh", "ts"}; !slices.Equal(got, want) {
			t.Errorf("%s: got examples in %v, want %v", vendor, got, want)
		}
	}
	run := runners(t)
	commands := map[string][]string{}
	for base, languages := range programs {
		for _, language := range languages {
			name := base + "." + language
			commands[name] = append(slices.Clone(run[language]), filepath.Join(examples, name))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(commands)) {
		t.Run(name, func(t *testing.T) {
			want, known := prints[name]
			if !known {
				base, _, _ := strings.Cut(name, ".")
				want, known = prints[base]
			}
			if !known {
				t.Fatalf("%s: got no entry in prints, want one", name)
			}
			out, complaints, err := d.execute(t, commands[name])
			if got := steady(out); err != nil || complaints != "" || got != steady(want) {
				t.Errorf("got %v, on standard error %q, and\n%s\nwant\n%s", err, complaints, got, steady(want))
			}
		})
	}
	t.Run("refused", func(t *testing.T) { refused(t, d, commands) })
}

// refused runs the examples with an unknown key: each must fail and print the reason.
func refused(t *testing.T, d demo, commands map[string][]string) {
	for name, command := range commands {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, complaints, err := d.execute(t, command, "API_KEY=fj_live_of_nobody")
			if exit := new(exec.ExitError); !errors.As(err, &exit) || !strings.Contains(complaints, "nvalid") {
				t.Errorf("got %v and on standard error %q, want an exit status and the service's error", err, complaints)
			}
		})
	}
}

// elsewhere runs an example in each language without demo.json, with a deployment that environment
// variables name: with all of them, and with one missing.
func elsewhere(t *testing.T, d demo) {
	given := d.settings(t)
	run := runners(t)
	for _, language := range slices.Sorted(maps.Keys(run)) {
		t.Run(language, func(t *testing.T) {
			command := append(slices.Clone(run[language]), filepath.Join(examples, "flexyagents."+language))
			_, complaints, err := demo{"nowhere"}.execute(t, command, given...)
			if err != nil || complaints != "" {
				t.Errorf("got %v and on standard error %q, want success", err, complaints)
			}
			_, complaints, err = d.execute(t, command, given[0])
			if want := "set API_KEY and AGENT, as BASE_URL is set\n"; err == nil || complaints != want {
				t.Errorf("got %v and on standard error %q, want %q", err, complaints, want)
			}
			_, complaints, err = demo{"nowhere"}.execute(t, command)
			if want := "set BASE_URL, API_KEY and AGENT, or start `make run`, which writes nowhere"; err == nil || !strings.HasPrefix(complaints, want) {
				t.Errorf("got %v and on standard error %q, want %q", err, complaints, want)
			}
		})
	}
}

// hostile runs an example in each language with unusual settings. Blanks around a value
// and the slash at the end of the base URL are ignored. Other values are refused before
// a request is sent, and the error does not show the key.
func hostile(t *testing.T, d demo) {
	given := d.settings(t)
	base, key, agent := given[0], given[1], given[2]
	secret := strings.TrimPrefix(key, "API_KEY=")
	const want = " must be printable ASCII without blanks\n"
	run := runners(t)
	for _, language := range slices.Sorted(maps.Keys(run)) {
		command := append(slices.Clone(run[language]), filepath.Join(examples, "flexyagents."+language))
		for name, tc := range map[string]struct {
			given []string
			want  string // on standard error
		}{
			"blanks around":        {[]string{base + "/\n", key + "\r\n", agent + " "}, ""},
			"two lines":            {[]string{base, key + "\nX-Other: header", agent}, "API_KEY" + want},
			"another alphabet":     {[]string{base, key + "ключ", agent}, "API_KEY" + want},
			"a blank in the agent": {[]string{base, key, "AGENT=my agent"}, "AGENT" + want},
			"blank":                {[]string{base, "API_KEY= ", agent}, "set API_KEY, as BASE_URL is set\n"},
			"quotes":               {[]string{base + "'; echo hello; '", key, agent}, "BASE_URL" + want},
			"no scheme":            {[]string{strings.Replace(base, "http://", "", 1), key, agent}, "BASE_URL must begin with http:// or https://\n"},
		} {
			t.Run(language+" "+name, func(t *testing.T) {
				out, complaints, err := demo{"nowhere"}.execute(t, command, tc.given...)
				if complaints != tc.want || (err == nil) != (tc.want == "") || (out == "") != (tc.want != "") {
					t.Errorf("got %v, on standard error %q, and %q; want %q", err, complaints, out, tc.want)
				}
				if strings.Contains(out+complaints, secret) {
					t.Errorf("got %q and %q, want them without the key", out, complaints)
				}
			})
		}
	}
	t.Run("demo.sh", func(t *testing.T) {
		const file = "it's; echo hello"
		out, complaints, err := demo{file}.execute(t, []string{"bash", "-c", ". shared/docs/examples/demo.sh"})
		if want := file + " is missing: start `make run` and wait until it answers\n"; err == nil || out != "" || complaints != want {
			t.Errorf("got %v, on standard error %q, and %q; want %q", err, complaints, out, want)
		}
	})
}

// settings returns the environment variables that the examples read.
func (d demo) settings(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(d.file)
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		BaseURL string `json:"base_url"`
		Orgs    struct {
			Demo struct {
				APIKey  string `json:"api_key"`
				AgentID string `json:"agent_id"`
			}
		}
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	return []string{"BASE_URL=" + file.BaseURL, "API_KEY=" + file.Orgs.Demo.APIKey, "AGENT=" + file.Orgs.Demo.AgentID}
}

// files returns the names of the programs in the folder of examples.
func files(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dynamotest.Root(), examples))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if slices.Contains([]string{".sh", ".py", ".ts"}, filepath.Ext(e.Name())) {
			names = append(names, e.Name())
		}
	}
	return names
}

// runners returns the command that runs an example of each language. TypeScript
// needs tsx, because Node 20 cannot run it. It imports the client's sources, because tests/sdk
// may build the client at the same time.
func runners(t *testing.T) map[string][]string {
	t.Helper()
	for program, what := range map[string]string{"bash": "bash", "curl": "curl", "python3": "Python 3.10 or newer", "node": "Node 20 or newer"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatalf("the examples need %s: %v", what, err)
		}
	}
	tsx := filepath.Join(dynamotest.Root(), "tests/peers/node_modules/tsx/dist/loader.mjs")
	client := filepath.Join(dynamotest.Root(), "shared/sdk/typescript")
	for _, file := range []string{tsx, filepath.Join(client, "node_modules/eventsource-parser/package.json")} {
		if _, err := os.Stat(file); err != nil {
			t.Fatalf("the examples in TypeScript need programs of other authors: run `make test`, which installs them (%v)", err)
		}
	}
	if err := inputs.Files(filepath.Join(client, "src")); err != nil {
		t.Fatal(err)
	}
	read(t, "tests/peers/tsconfig.json") // it maps the client's name
	return map[string][]string{"sh": {"bash"}, "py": {"python3"}, "ts": {"node", "--import", tsx}}
}

// execute runs an example without variables, like a new user, and returns its output.
func (d demo) execute(t *testing.T, command []string, more ...string) (out, complaints string, err error) {
	t.Helper()
	cmd := inputs.AtRoot(exec.CommandContext(t.Context(), command[0], command[1:]...))
	cmd.Env = append(os.Environ(), "DEMO="+d.file, "BASE_URL=", "API_KEY=", "AGENT=", "WEBHOOK_SECRET=", "PYTHONDONTWRITEBYTECODE=1",
		"TSX_TSCONFIG_PATH="+filepath.Join(dynamotest.Root(), "tests/peers/tsconfig.json"))
	cmd.Env = append(cmd.Env, more...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	return stdout.String(), stderr.String(), err
}
