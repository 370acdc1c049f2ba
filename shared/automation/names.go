package automation

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/template"
)

// names are the names that the steps of a definition can use: a name that never has a value is a
// mistake.
type names struct {
	variables map[string]bool // of all set steps: a loop may use what its steps set in the pass before
	steps     map[string]bool // ids of all steps
	earlier   map[string]bool // ids of the steps before this one
}

// check compiles all steps and looks at the names that they use.
func check(d Definition) error {
	known := names{variables: map[string]bool{}, steps: map[string]bool{}, earlier: map[string]bool{}}
	for _, s := range d.All() {
		known.steps[s.ID] = true
		for name := range s.Values {
			known.variables[name] = true
		}
	}
	for path, s := range d.All() {
		c, err := Compile(s)
		if err != nil {
			return within(path, err)
		}
		looped := strings.Contains(path, ".steps[")
		rule := func(name string) string { return known.rule(name, looped) }
		if err := c.checkNames(func(name string) string { return cmp.Or(rule(name), known.variable(name)) }); err != nil {
			return within(path, err)
		}
		if s.Type == ForEach {
			if problem := rule(s.Items); problem != "" {
				return fault.Rule(path+".items", problem)
			}
		}
		if s.If != nil {
			for at, t := range s.If.leaves("if") {
				if problem := rule(t.Left); problem != "" {
					return fault.Rule(path+"."+at+".left", problem)
				}
			}
		}
		known.earlier[s.ID] = true
	}
	return nil
}

// rule returns the rule that a name breaks. looped is set within a for_each.
func (n names) rule(name string, looped bool) string {
	root, rest, _ := strings.Cut(name, ".")
	member, _, _ := strings.Cut(rest, ".")
	switch {
	case strings.ContainsAny(name, "{}"):
		return "must be a name without braces, such as trigger.body.total"
	case root == "trigger" && member != "" && !slices.Contains(triggerNames, member):
		return "must begin with one of " + triggerRoots
	case root == "steps" && member != "" && !n.earlier[member] && (!looped || !n.steps[member]):
		return fmt.Sprintf("must name an earlier step, and %q is none", template.Shown(member))
	case (root == "item" || root == "index") && !looped:
		return "must be in a step of a for_each"
	case !slices.Contains(roots, root):
		return "must begin with one of " + strings.Join(roots, ", ")
	}
	return ""
}

// variable returns the rule that the name of a variable breaks. A test may ask for a variable that
// no step sets.
func (n names) variable(name string) string {
	root, rest, _ := strings.Cut(name, ".")
	if member, _, _ := strings.Cut(rest, "."); root == "vars" && member != "" && !n.variables[member] {
		return fmt.Sprintf("must name a variable of a set step, and %q is none", template.Shown(member))
	}
	return ""
}

// triggerNames are what triggers have: that of a webhook, of a schedule and of an event.
var triggerNames = []string{"body", "headers", "content_type", "schedule", "event"}

var triggerRoots = "trigger." + strings.Join(triggerNames, ", trigger.")

// roots are the names that templates begin with.
var roots = []string{"trigger", "steps", "vars", "item", "index", "run"}

// checkNames applies a rule to the names in the templates of a step.
func (c *Compiled) checkNames(rule func(name string) string) error {
	if c.request != nil {
		if err := c.request.CheckNames(rule); err != nil {
			return err
		}
	}
	for _, field := range slices.Sorted(maps.Keys(c.texts)) {
		if err := c.texts[field].CheckNames(rule); err != nil {
			return template.Refused(field, err)
		}
	}
	for _, field := range slices.Sorted(maps.Keys(c.groups)) {
		for _, name := range slices.Sorted(maps.Keys(c.groups[field])) {
			if err := c.groups[field][name].CheckNames(rule); err != nil {
				return template.Refused(field+"."+name, err)
			}
		}
	}
	return nil
}
