package sam

import "go.yaml.in/yaml/v3"

// choose evaluates Fn::If.
func (r *resolver) choose(n *yaml.Node, at string) (*yaml.Node, error) {
	if n.Kind != yaml.SequenceNode || len(n.Content) != 3 {
		return nil, errorAt(n, at, "If needs a condition and two values")
	}
	holds, err := r.condition(n, n.Content[0].Value, at)
	if err != nil {
		return nil, err
	}
	if holds {
		return r.resolve(n.Content[1], at)
	}
	return r.resolve(n.Content[2], at)
}

// condition evaluates one of the template's named conditions.
func (r *resolver) condition(n *yaml.Node, name, at string) (bool, error) {
	expression, ok := r.conditions[name]
	if !ok {
		return false, errorAt(n, at, "there is no condition %q", name)
	}
	leave, err := r.enter("Conditions."+name, &expression)
	if err != nil {
		return false, err
	}
	defer leave()
	return r.evaluate(&expression, "Conditions."+name)
}

func (r *resolver) evaluate(n *yaml.Node, at string) (bool, error) {
	if named := lookup(n, "Condition"); named != nil {
		return r.condition(n, named.Value, at)
	}
	name, arg, ok := intrinsic(n)
	if !ok {
		return false, errorAt(n, at, "a condition function is needed here")
	}
	switch name {
	case "Condition":
		return r.condition(n, arg.Value, at)
	case "Equals":
		args, err := r.arguments(arg, at, name, 2)
		if err != nil {
			return false, err
		}
		return args[0].Value == args[1].Value, nil
	case "Not":
		if len(arg.Content) != 1 {
			return false, errorAt(n, at, "Not needs a list of one condition")
		}
		holds, err := r.evaluate(arg.Content[0], at)
		return !holds, err
	case "And", "Or":
		for _, item := range arg.Content {
			holds, err := r.evaluate(item, at)
			if err != nil {
				return false, err
			}
			if holds == (name == "Or") {
				return holds, nil
			}
		}
		return name == "And", nil
	}
	return false, errorAt(n, at, "%s is not a condition function", name)
}

// enter marks a name as being resolved until leave is called. It returns an error for a
// name that is already being resolved, which is a cycle.
func (r *resolver) enter(name string, n *yaml.Node) (leave func(), err error) {
	if r.resolving[name] {
		return nil, errorAt(n, name, "it refers to itself")
	}
	r.resolving[name] = true
	return func() { delete(r.resolving, name) }, nil
}
