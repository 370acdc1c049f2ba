package pin

import (
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/clip"
	"github.com/quintet-agents/quintet/shared/fault"
)

// Bounds of the tools of one server.
const (
	MaxTools       = 64       // that somebody agreed to
	maxName        = 128      // characters
	maxDescription = 2 << 10  // bytes that a model reads
	maxDefinition  = 48 << 10 // bytes of canonical JSON
)

// State says whether a model may use a listed tool.
type State string

// The states.
const (
	Allowed State = "allowed" // it is as somebody agreed to it
	New     State = "new"     // nobody agreed to it
	Changed State = "changed" // it is not what somebody agreed to
	Missing State = "missing" // somebody agreed to it, and the server does not list it
)

// Found is a tool as a server lists it now, for a person to decide about.
type Found struct {
	Name   string
	State  State
	SHA256 string // of the definition; empty for Missing

	// Title, Description and Schema are as a model reads them.
	Title       string
	Description string
	Schema      json.RawMessage

	// Was and Now are the definitions of a Changed tool: the one that somebody agreed to, and
	// the one that the server lists, in canonical JSON. Was is empty if the pin cannot be read.
	Was, Now json.RawMessage

	// Problem says why nobody can agree to the tool; empty: somebody can.
	Problem string

	pin agent.Pin
}

// Compare compares what a server lists with what somebody agreed to. The result has the order
// of the list, and then the missing tools.
func Compare(listed []Definition, allow []agent.Pin) []Found {
	found := make([]Found, 0, len(listed))
	times := map[string]int{}
	for _, d := range listed {
		times[d.Name]++
	}
	for _, d := range listed {
		f := look(d, allow)
		if times[d.Name] > 1 {
			f.Problem = "the server lists its name more than once"
		}
		found = append(found, f)
	}
	for _, p := range allow {
		if times[p.Name] == 0 {
			found = append(found, Found{Name: p.Name, State: Missing})
		}
	}
	return found
}

func look(d Definition, allow []agent.Pin) Found {
	f := Found{Name: d.Name, State: New, Title: Clean(d.Title), Description: d.shown(), Problem: d.problem()}
	if f.Problem == "" {
		f.Schema = cleanSchema(d.InputSchema)
	}
	var err error
	if f.pin, err = Of(d); err != nil {
		f.Problem = "its definition is no valid JSON"
	}
	f.SHA256 = f.pin.SHA256
	for _, p := range allow {
		if p.Name != d.Name {
			continue
		}
		was, err := Read(p)
		if err == nil && p.SHA256 == f.SHA256 {
			f.State = Allowed
			return f
		}
		f.State, f.Now = Changed, f.pin.Tool
		if err == nil {
			f.Was, _ = was.canonical() // it was read from JSON
		}
	}
	return f
}

// shown returns the description as a model reads it.
func (d Definition) shown() string {
	text := Clean(d.Description)
	if text == "" {
		text = Clean(d.Title)
	}
	return clip.Text(text, maxDescription)
}

// problem returns why a model cannot use the tool, or nothing.
func (d Definition) problem() string {
	text, err := d.canonical()
	switch {
	case err != nil:
		return "its definition is no valid JSON"
	case d.Name == "" || utf8.RuneCountInString(d.Name) > maxName || hasHidden(d.Name):
		return fmt.Sprintf("its name does not have 1 to %d visible characters", maxName)
	case len(text) > maxDefinition:
		return fmt.Sprintf("its definition has more than %d KB", maxDefinition>>10)
	case len(d.InputSchema) == 0:
		return "it has no schema"
	case len(d.OutputSchema) > maxSchema:
		return fmt.Sprintf("its output schema has more than %d KB", maxSchema>>10)
	}
	return schemaProblem(d.InputSchema)
}

// Choice is a person's decision for a tool. The hash is of the definition that they have read;
// without it they decide by the name alone.
type Choice struct {
	Name   string
	SHA256 string
}

// Agree returns the pins of the chosen tools. A tool that is pinned already keeps its pin,
// unless the choice has the hash of its new definition: who adds one tool does not agree to a
// change of another. A choice that cannot be met is an Invalid error of the field allow.
func Agree(found []Found, allow []agent.Pin, choices []Choice) ([]agent.Pin, error) {
	var pins []agent.Pin
	for _, c := range choices {
		if slices.ContainsFunc(pins, func(p agent.Pin) bool { return p.Name == c.Name }) {
			return nil, fault.Field("allow", "allow must have each name once, and has %q twice", c.Name)
		}
		p, err := agree(found, allow, c)
		if err != nil {
			return nil, err
		}
		pins = append(pins, p)
	}
	if len(pins) > MaxTools {
		return nil, fault.Field("allow", "allow must have at most %d names", MaxTools)
	}
	return pins, nil
}

func agree(found []Found, allow []agent.Pin, c Choice) (agent.Pin, error) {
	for _, p := range allow {
		if p.Name == c.Name && (c.SHA256 == "" || c.SHA256 == p.SHA256) {
			return p, nil
		}
	}
	i := slices.IndexFunc(found, func(f Found) bool { return f.Name == c.Name && f.State != Missing })
	switch {
	case i < 0:
		return agent.Pin{}, fault.Field("allow", "allow must have names that the server lists, and it does not list %q", c.Name)
	case found[i].Problem != "":
		return agent.Pin{}, fault.Field("allow", "allow must not have %q: %s", c.Name, found[i].Problem)
	case c.SHA256 != "" && c.SHA256 != found[i].SHA256:
		return agent.Pin{}, fault.Field("allow", "allow must have the hash of the latest definition of %q, which has changed since it was read", c.Name)
	}
	return found[i].pin, nil
}
