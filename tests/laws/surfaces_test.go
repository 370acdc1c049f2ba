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

	withoutIDs bool // reports no ids of tools
	namesOnly  bool // reports only names of tools, in the stream
	blocks     bool // reports blocks to display
}

// answer is the answer that a client gets.
type answer struct {
	status int
	header http.Header
	body   string
}

// refusal is a surface's answer to a failure of the model: a status, and a code that is
// also used in streams.
type refusal struct {
	status int
	code   string
}

// telling is the content of a surface's answer, in a form common to all surfaces.
type telling struct {
	steps    []step // of a stream
	content  string
	tools    []tool // of a whole answer, with ids if the surface reports them
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

// surfaces are all ways to chat, each in all of its forms.
var surfaces = [][]surface{{flapjackStream}, {agentflowStream, agentflowWhole}, {flexyagentsStream, flexyagentsWhole}, {flowgentWhole}}

// chatPath returns the path of a chat below the path of the agents.
func chatPath(agents string) func(*world, string) string {
	return func(w *world, _ string) string { return agents + w.agent.Slug + "/chat" }
}

// grammar checks the order of events.
func grammar(expression string) func([]event) error {
	pattern := regexp.MustCompile("^(?:" + expression + ")$")
	return func(events []event) error {
		if got := names(events); !pattern.MatchString(got) {
			return fmt.Errorf("got stream %q, want %s", got, expression)
		}
		return nil
	}
}

// lastTool returns the tool of the latest step.
func (t *telling) lastTool() *tool {
	if len(t.steps) == 0 {
		return &tool{}
	}
	return &t.steps[len(t.steps)-1].tool
}

// is returns an error unless the tool is the one named by another event.
func (u *tool) is(id, name string) error {
	if u.id != id || u.name != name {
		return fmt.Errorf("got tool %q %q, want %q %q", id, name, u.id, u.name)
	}
	return nil
}

// tool returns the use of a tool as the surface reports it in a whole answer.
func (s surface) tool(u tool) tool {
	if s.withoutIDs {
		u.id = ""
	}
	return u
}

// steps returns the steps of a script as a stream of the surface reports them.
func (s surface) steps(of script) []step {
	all := of.steps()
	for i := range all {
		if s.namesOnly {
			all[i].tool = tool{name: all[i].tool.name}
		}
	}
	return all
}
