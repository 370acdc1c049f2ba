package laws_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"

	"github.com/quintet-agents/quintet/shared/fault"
)

// surface is one way to chat.
type surface struct {
	name     string
	function string
	whole    bool
	path     func(w *world, threadID string) string
	body     func(text, threadID string) map[string]any
	read     func(a answer) (telling, error)
	refusals map[fault.Code]refusal

	withoutIDs bool // of tools
	namesOnly  bool // of tools, on the way
	blocks     bool // tells what tools have to show
}

// answer is what a client gets.
type answer struct {
	status int
	header http.Header
	body   string
}

// refusal is how a surface says that a model failed: with a status of its own,
// and a code that stands in a stream, too.
type refusal struct {
	status int
	code   string
}

// telling is what a surface tells of a turn, whatever its form.
type telling struct {
	steps    []step // of a stream
	content  string
	tools    []tool // of an answer in one piece, as far as it tells ids
	failure  string // the code
	message  string // the id of the answer's message
	threadID string
	history  []message
	credits  json.Number
	balance  string
	blocks   int
}

type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// surfaces are all that chat, each in all of its forms.
var surfaces = [][]surface{{flapjackStream}, {agentflowStream, agentflowWhole}, {flexyagentsStream, flexyagentsWhole}, {flowgentWhole}}

// chatPath is the path of a chat below what leads to agents.
func chatPath(agents string) func(*world, string) string {
	return func(w *world, _ string) string { return agents + w.agent.Slug + "/chat" }
}

// grammar says which event may follow which.
func grammar(expression string) func([]event) error {
	pattern := regexp.MustCompile("^(?:" + expression + ")$")
	return func(events []event) error {
		if got := names(events); !pattern.MatchString(got) {
			return fmt.Errorf("the stream is %q, which is not %s", got, expression)
		}
		return nil
	}
}

// lastTool is the tool of the latest step.
func (t *telling) lastTool() *tool {
	if len(t.steps) == 0 {
		return &tool{}
	}
	return &t.steps[len(t.steps)-1].tool
}

// is reports an error unless the tool is the one that another event names.
func (u *tool) is(id, name string) error {
	if u.id != id || u.name != name {
		return fmt.Errorf("%q %q is told after %q %q", id, name, u.id, u.name)
	}
	return nil
}

// tool is what the surface tells of a tool at the end.
func (s surface) tool(u tool) tool {
	if s.withoutIDs {
		u.id = ""
	}
	return u
}

// steps are what a stream of the surface tells of a script.
func (s surface) steps(of script) []step {
	all := of.steps()
	for i := range all {
		if s.namesOnly {
			all[i].tool = tool{name: all[i].tool.name}
		}
	}
	return all
}
