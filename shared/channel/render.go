package channel

import (
	"strconv"
	"strings"
)

// Text returns a template with its values as one plain text: what the person reads. An
// agent that gets it as a message of the thread knows what a reply is about. Without a
// definition, which may not be readable, the values stand under the template's name.
func (t Template) Text(d *Definition) string {
	if d == nil {
		return t.values()
	}
	blocks := []string{t.heading(d.Header), fill(d.Body, t.parameters(Body)), strings.TrimSpace(d.Footer), labels(d.Buttons)}
	return joined(blocks, "\n\n")
}

// values is the text of a template whose definition is unknown.
func (t Template) values() string {
	lines := []string{"[template " + t.Name + "]"}
	for _, kind := range []string{Header, Body} {
		for _, p := range t.parameters(kind) {
			if p.Name != "" {
				lines = append(lines, p.Name+": "+p.Text)
				continue
			}
			lines = append(lines, p.Text)
		}
	}
	return joined(lines, "\n")
}

// heading returns a header's text, or the values that stand for one without a text.
func (t Template) heading(h Heading) string {
	parameters := t.parameters(Header)
	switch {
	case h.Format == "":
		return ""
	case h.Format == "TEXT":
		return fill(h.Text, parameters)
	case len(parameters) == 0:
		return "[" + strings.ToLower(h.Format) + "]"
	}
	words := make([]string, 0, len(parameters))
	for _, p := range parameters {
		words = append(words, p.Text)
	}
	return joined(words, "\n")
}

// parameters returns the values of all components of a type.
func (t Template) parameters(kind string) []Parameter {
	var all []Parameter
	for _, c := range t.Components {
		if strings.EqualFold(c.Type, kind) {
			all = append(all, c.Parameters...)
		}
	}
	return all
}

func labels(buttons []string) string {
	lines := make([]string, 0, len(buttons))
	for _, label := range buttons {
		if label = strings.TrimSpace(label); label != "" {
			lines = append(lines, "["+label+"]")
		}
	}
	return joined(lines, "\n")
}

// fill replaces the placeholders {{1}} and {{name}} of a text in one pass: a value that
// looks like a placeholder stays as it is, and so does a placeholder without a value.
func fill(text string, parameters []Parameter) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(text, "{{")
		name, after, closed := strings.Cut(rest, "}}")
		b.WriteString(before)
		if !ok || !closed {
			if ok {
				b.WriteString("{{" + rest)
			}
			return strings.TrimSpace(b.String())
		}
		if strings.Contains(name, "{{") { // an opening without an end of its own
			b.WriteString("{{")
			text = rest
			continue
		}
		if value, found := valueOf(strings.TrimSpace(name), parameters); found {
			b.WriteString(value)
		} else {
			b.WriteString("{{" + name + "}}")
		}
		text = after
	}
}

func valueOf(name string, parameters []Parameter) (string, bool) {
	for _, p := range parameters {
		if p.Name != "" && p.Name == name {
			return p.Text, true
		}
	}
	n, err := strconv.Atoi(name)
	if err != nil || n < 1 || n > len(parameters) || parameters[n-1].Name != "" {
		return "", false
	}
	return parameters[n-1].Text, true
}

// joined joins the texts that are not blank.
func joined(texts []string, separator string) string {
	kept := make([]string, 0, len(texts))
	for _, text := range texts {
		if strings.TrimSpace(text) != "" {
			kept = append(kept, text)
		}
	}
	return strings.Join(kept, separator)
}
