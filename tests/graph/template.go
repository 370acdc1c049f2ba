package graph

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// Template is an approved template. Placeholders in Header and Body are {{1}} or {{name}}.
type Template struct {
	Name, Language string
	Format         string // of the header: TEXT, IMAGE, VIDEO, DOCUMENT or LOCATION; empty: none
	Header         string
	Body           string
	Footer         string
	Buttons        []Label
}

// Label is a button of a template.
type Label struct {
	Type string // QUICK_REPLY, URL, ...
	Text string
}

var placeholder = regexp.MustCompile(`\{\{([a-z0-9_]+)\}\}`)

// placeholders returns the names in a text, each once.
func placeholders(text string) []string {
	var names []string
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(names, m[1]) {
			names = append(names, m[1])
		}
	}
	return names
}

// match returns the error of a message whose template is unknown, or gets other parameters
// than it has.
func (n Number) match(m message) *failure {
	i := slices.IndexFunc(n.Templates, func(t Template) bool {
		return t.Name == m.Template.Name && t.Language == m.Template.Language.Code
	})
	if i < 0 {
		return &failure{
			status: http.StatusNotFound, code: 132001, message: "(#132001) Template name does not exist in the translation",
			details: fmt.Sprintf("template name (%s) does not exist in %s", m.Template.Name, m.Template.Language.Code),
		}
	}
	t, given := n.Templates[i], map[string][]parameter{}
	for _, c := range m.Template.Components {
		if _, twice := given[c.Type]; twice && c.Type != "button" {
			return invalid("component %s is given twice", c.Type)
		}
		given[c.Type] = append(given[c.Type], c.Parameters...)
	}
	if wrong := matchText("body", given["body"], t.Body); wrong != nil {
		return wrong
	}
	if t.Format == "" || t.Format == "TEXT" {
		return matchText("header", given["header"], t.Header)
	}
	if len(given["header"]) != 1 {
		return parameterFailure("header: one parameter is expected")
	}
	if got := given["header"][0].Type; got != strings.ToLower(t.Format) {
		return &failure{status: http.StatusBadRequest, code: 132012, message: "(#132012) Parameter format does not match format in the created template", details: "header: expected " + t.Format + ", received " + got}
	}
	return nil
}

func parameterFailure(format string, args ...any) *failure {
	const mismatch = "(#132000) Number of parameters does not match the expected number of params"
	return &failure{status: http.StatusBadRequest, code: 132000, message: mismatch, details: fmt.Sprintf(format, args...)}
}

func matchText(part string, given []parameter, text string) *failure {
	want := placeholders(text)
	if len(given) != len(want) {
		return parameterFailure("%s: number of localizable_params (%d) does not match the expected number of params (%d)", part, len(given), len(want))
	}
	for _, p := range given {
		positional := len(want) > 0 && want[0] == "1"
		if positional != (p.Name == "") || !positional && !slices.Contains(want, p.Name) {
			return parameterFailure("%s: parameter_name %q is not expected", part, p.Name)
		}
	}
	return nil
}

// list answers with the definitions whose name contains the one of the query.
func (s *Server) list(w http.ResponseWriter, r *http.Request, at host) {
	id := r.PathValue("id")
	if failed := s.authorize(r, at, s.accountToken(id)); failed != nil {
		failed.write(w)
		return
	}
	data := []any{}
	for _, number := range s.numbers {
		for _, t := range number.Templates {
			if number.AccountID == id && strings.Contains(t.Name, r.URL.Query().Get("name")) {
				data = append(data, t.definition())
			}
		}
	}
	write(w, http.StatusOK, map[string]any{"data": data, "paging": map[string]any{"cursors": map[string]any{"before": "MAZDZD", "after": "MjQZD"}}})
}

func (t Template) definition() map[string]any {
	var parts []any
	if t.Format != "" {
		header := map[string]any{"type": "HEADER", "format": t.Format}
		if t.Format == "TEXT" {
			header["text"] = t.Header
		}
		parts = append(parts, header)
	}
	parts = append(parts, map[string]any{"type": "BODY", "text": t.Body})
	if t.Footer != "" {
		parts = append(parts, map[string]any{"type": "FOOTER", "text": t.Footer})
	}
	if len(t.Buttons) > 0 {
		var buttons []any
		for _, b := range t.Buttons {
			buttons = append(buttons, map[string]any{"type": b.Type, "text": b.Text})
		}
		parts = append(parts, map[string]any{"type": "BUTTONS", "buttons": buttons})
	}
	return map[string]any{"name": t.Name, "language": t.Language, "status": "APPROVED", "category": "UTILITY", "id": "1192339204654487", "components": parts}
}
