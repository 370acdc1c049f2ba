package automation

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/template"
)

// Parsed is a definition with the plain secrets that came with it, by their names in
// Automation.Secrets. A secret that did not come is one that is stored already.
type Parsed struct {
	Definition
	Plain map[string]string
}

// Parse reads and checks a definition. Its errors name the place of the mistake as their
// field, such as steps[2].url, and within a template its line and column. events are the
// types of events that may be triggers. Agents and connections are not looked up.
func Parse(raw []byte, events []string) (Parsed, error) {
	if len(raw) > MaxDefinition {
		return Parsed{}, errLong
	}
	var value any
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return Parsed{}, fault.New(fault.Invalid, "The definition is not valid JSON: %s", err)
	}
	if Depth(raw) > MaxDataDepth {
		return Parsed{}, fault.New(fault.Invalid, "The definition has more than %d lists and objects within each other", MaxDataDepth)
	}
	var fail error
	p := parser{plain: map[string]string{}, ids: map[string]bool{}, events: events, fail: &fail}
	r := read("", value, &fail)
	if _, ok := r.get("trigger"); !ok {
		r.refuse("trigger", "must be an object")
	}
	d := Definition{Trigger: p.trigger(r.fields["trigger"])}
	if len(r.list("steps")) == 0 {
		r.refuse("steps", "must be a list of 1 to %d steps", MaxSteps)
	}
	d.Steps = p.steps("steps", r.list("steps"), 1, false)
	r.end("a definition")
	if fail == nil {
		fail = check(d)
	}
	if secrets := d.secretHeaders(); fail == nil && secrets > MaxSecrets {
		fail = fault.Field("steps", "steps must have at most %d secret headers in all, and these have %d", MaxSecrets, secrets)
	}
	if fail == nil {
		fail = d.fits()
	}
	if fail != nil {
		return Parsed{}, fail
	}
	return Parsed{Definition: d, Plain: p.plain}, nil
}

var errLong = fault.New(fault.Invalid, "The definition is longer than %d KiB", MaxDefinition>>10)

// fits returns an error if a definition is too long in the form in which it is stored, which has
// defaults, and escapes for some characters. A row has it twice, or together with a webhook's body.
func (d Definition) fits() error {
	stored, err := Encode(d)
	if err == nil && len(stored) > MaxDefinition {
		err = errLong
	}
	return err
}

// parser reads the steps of a definition.
type parser struct {
	plain  map[string]string
	ids    map[string]bool
	events []string
	fail   *error
}

var idForm = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// steps reads a list of steps. looped is set within a for_each.
func (p *parser) steps(path string, all []any, depth int, looped bool) []Step {
	var steps []Step
	for i, value := range all {
		r := read(fmt.Sprintf("%s[%d]", path, i), value, p.fail)
		switch {
		case len(p.ids) == MaxSteps:
			r.refuse("", "is one step too many: a definition has at most %d", MaxSteps)
		case depth > MaxDepth:
			r.refuse("", "is nested too deeply: at most %d levels", MaxDepth)
		}
		if *p.fail != nil {
			return nil
		}
		steps = append(steps, p.step(r, depth, looped))
	}
	return steps
}

func (p *parser) step(r *reader, depth int, looped bool) Step {
	s := Step{ID: r.need("id", 40)}
	switch {
	case s.ID == "":
	case !idForm.MatchString(s.ID):
		r.refuse("id", "must be 1 to 40 of a-z, 0-9 and _, and begin with a letter")
	case p.ids[s.ID]:
		r.refuse("id", "is the id of another step, too")
	}
	p.ids[s.ID] = true
	s.Type = oneOf(r, "type", HTTP, Agent, SendTemplate, SendMessage, Condition, Set, Wait, ForEach)
	if *p.fail != nil {
		return s
	}
	switch s.Type {
	case HTTP:
		p.http(r, &s)
	case Agent:
		s.AgentID, s.Prompt, s.ThreadID = r.needID("agent_id"), r.need("prompt", maxTemplate), r.text("thread_id", 500)
	case SendTemplate:
		s.ConnectionID, s.To, s.Name = r.needID("connection_id"), r.need("to", 500), r.need("name", 512)
		s.Language, s.Parameters = r.need("language", 20), r.texts("parameters", maxTemplate)
	case SendMessage:
		s.ConnectionID, s.To, s.Text = r.needID("connection_id"), r.need("to", 500), r.need("text", maxTemplate)
		s.Subject = r.text("subject", 500)
	case Condition:
		p.condition(r, &s, depth, looped)
	case Set:
		p.set(r, &s)
	case Wait:
		p.wait(r, &s)
	case ForEach:
		if looped {
			r.refuse("type", "must not be for_each within another for_each")
		}
		s.Items, s.Steps = r.need("items", 200), p.inner(r, "steps", depth, true)
		if len(s.Steps) == 0 {
			r.refuse("steps", "must be a list of at least one step")
		}
	}
	p.retry(r, &s)
	r.end(article(s.Type) + " step")
	return s
}

const (
	maxTemplate = 16_000     // characters of a body, a prompt or a text
	maxWait     = 30 * 86400 // seconds of a wait
	maxBackoff  = 3600       // seconds between two attempts
	maxAttempts = 5          // of a step
	maxTimeout  = 15         // seconds of a request
)

func (p *parser) inner(r *reader, field string, depth int, looped bool) []Step {
	return p.steps(r.at(field), r.list(field), depth+1, looped)
}

func (p *parser) http(r *reader, s *Step) {
	if _, ok := r.get("method"); ok {
		s.Method = oneOf(r, "method", "GET", "POST", "PUT", "PATCH", "DELETE")
	} else {
		s.Method = "POST"
	}
	s.URL, s.Headers, s.Body = r.need("url", 4000), r.texts("headers", 2000), r.text("body", maxTemplate)
	s.TimeoutSeconds = r.number("timeout_seconds", maxTimeout, maxTimeout)
	s.SecretHeaders = p.secretHeaders(r, s.ID)
}

// set reads the variables of a step. Each has a name that templates can use.
func (p *parser) set(r *reader, s *Step) {
	if s.Values = r.texts("values", maxTemplate); len(s.Values) == 0 {
		r.refuse("values", `must be an object with at least one variable, such as {"total": "{{trigger.body.total}}"}`)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Values)) {
		if !variableForm.MatchString(name) {
			r.refuse("values."+template.Shown(name), "must have a name of 1 to 100 of A-Z, a-z, 0-9, _ and -, so that templates can use it")
		}
	}
}

var variableForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,100}$`)

func (p *parser) wait(r *reader, s *Step) {
	s.Seconds, s.Until = r.number("seconds", maxWait, 0), r.text("until", 500)
	switch {
	case s.Seconds == 0 && s.Until == "":
		r.refuse("seconds", "must be a whole number from 1 to %d, unless until has a time", maxWait)
	case s.Seconds > 0 && s.Until != "":
		r.refuse("until", "must be left out with seconds")
	case s.Until != "" && !strings.Contains(s.Until, "{{"):
		if _, err := readTime(s.Until); err != nil {
			r.refuse("until", timeRule)
		}
	}
}

func (p *parser) condition(r *reader, s *Step, depth int, looped bool) {
	v, _ := r.get("if")
	if _, ok := v.(map[string]any); !ok {
		r.refuse("if", `must be an object such as {"left": "trigger.body.total", "op": "gt", "right": 100}`)
		return
	}
	t := p.test(r.at("if"), v, 1)
	s.If = &t
	s.Then, s.Else = p.inner(r, "then", depth, looped), p.inner(r, "else", depth, looped)
	if len(s.Then)+len(s.Else) == 0 {
		r.refuse("then", "must be a list of at least one step, unless else has one")
	}
}

func (p *parser) retry(r *reader, s *Step) {
	v, ok := r.get("retry")
	if !s.Type.canFail() {
		if r.known["retry"] = false; ok {
			r.refuse("retry", "is only for steps that send something")
		}
		return
	}
	if !ok {
		return
	}
	in := read(r.at("retry"), v, p.fail)
	s.Retry = &Retry{Attempts: in.number("attempts", maxAttempts, 1), BackoffSeconds: in.number("backoff_seconds", maxBackoff, 0)}
	in.end("retry")
}

// canFail reports whether a step of the type may fail for a while.
func (t StepType) canFail() bool {
	return t == HTTP || t == Agent || t == SendTemplate || t == SendMessage
}

// Policy returns the step's own policy, or the default of its type: three attempts, 10 s and
// 20 s apart.
func (s Step) Policy() Retry {
	r := Retry{Attempts: 3, BackoffSeconds: 10}
	if !s.Type.canFail() {
		r.Attempts = 1
	}
	if s.Retry != nil {
		r.Attempts = s.Retry.Attempts
		if s.Retry.BackoffSeconds > 0 {
			r.BackoffSeconds = s.Retry.BackoffSeconds
		}
	}
	return r
}

// article returns a type with its article.
func article(t StepType) string {
	if t == Agent || t == HTTP {
		return "an " + string(t)
	}
	return "a " + string(t)
}
