package sam

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// places has the paths and methods read so far. API Gateway refuses a second function for
// a method of a path, and a second name for the parameter at the same position. Without
// this check, both errors would appear only at deployment.
type places struct {
	routes     map[string]site // by method and path
	parameters map[string]site // by the path up to the parameter
}

// site is a position in the template.
type site struct {
	at   string // Orders.Events.Name
	line int
	text string // the path
}

func newPlaces() places {
	return places{routes: map[string]site{}, parameters: map[string]site{}}
}

// addRoute records a function's method and its path, which is the text of node.
func (p places) addRoute(node *yaml.Node, at, method string) error {
	if err := p.addPath(node, at); err != nil {
		return err
	}
	key := method + " " + node.Value
	if other, ok := p.routes[key]; ok {
		return errorAt(node, at, "%s (line %d) has the route %s already", other.at, other.line, key)
	}
	p.routes[key] = site{at: at, line: node.Line}
	return nil
}

// addPath records a path, which is the text of node.
func (p places) addPath(node *yaml.Node, at string) error {
	if err := checkPath(node.Value); err != nil {
		return errorAt(node, at, "the path %s: %v", node.Value, err)
	}
	before := ""
	for part := range strings.SplitSeq(node.Value, "/") {
		if strings.HasPrefix(part, "{") {
			other, ok := p.parameters[before]
			if ok && !strings.HasPrefix(other.text+"/", before+part+"/") {
				return errorAt(node, at, "the path %s: %s (line %d) has another name for the parameter %s, in %s, and API Gateway takes one name",
					node.Value, other.at, other.line, part, other.text)
			}
			if !ok {
				p.parameters[before] = site{at: at, line: node.Line, text: node.Value}
			}
		}
		before += part + "/"
	}
	return nil
}

var parameterPattern = regexp.MustCompile(`^\{[A-Za-z0-9._-]+\+?\}$`)

// checkPath returns an error for a path that API Gateway would refuse: braces that do not
// enclose a whole segment, a name used twice, a segment after a greedy parameter.
func checkPath(path string) error {
	if !strings.HasPrefix(path, "/") {
		return errors.New("it does not start with /")
	}
	seen := map[string]bool{}
	greedy := ""
	for part := range strings.SplitSeq(path, "/") {
		if greedy != "" {
			return fmt.Errorf("nothing may follow %s", greedy)
		}
		if !strings.ContainsAny(part, "{}") {
			continue
		}
		if strings.Count(part, "{") != strings.Count(part, "}") {
			return fmt.Errorf("the braces of %s are not balanced", part)
		}
		if !parameterPattern.MatchString(part) {
			return fmt.Errorf("%s is no parameter: {name} or {name+} is a whole part of a path", part)
		}
		name := strings.TrimSuffix(strings.Trim(part, "{}"), "+")
		if seen[name] {
			return fmt.Errorf("it has the parameter %s twice", name)
		}
		seen[name] = true
		if strings.HasSuffix(part, "+}") {
			greedy = part
		}
	}
	return nil
}
