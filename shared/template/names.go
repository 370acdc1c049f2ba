package template

import "strings"

// CheckNames applies a rule to the names that the template looks up in the data. A name within a
// section may belong to what the section is about, so it is not checked. rule returns what is
// wrong with a name, or an empty text. The error is an *Error with the place of the first name
// that breaks the rule.
func (t *Template) CheckNames(rule func(name string) string) error {
	if err := checkNames(t.nodes, rule); err != nil {
		return err
	}
	return nil
}

func checkNames(nodes []node, rule func(name string) string) *Error {
	for _, n := range nodes {
		if n.is == literal || len(n.name) == 0 {
			continue
		}
		if problem := rule(strings.Join(n.name, ".")); problem != "" {
			return n.at.error("%s %s", n.full(), problem)
		}
		if n.is == inverted {
			if err := checkNames(n.children, rule); err != nil {
				return err
			}
		}
	}
	return nil
}
