package automation

import (
	"errors"
	"maps"
	"slices"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/request"
	"github.com/quintet-agents/quintet/shared/template"
)

// Compiled has the templates of a step, parsed. It is immutable.
type Compiled struct {
	step    Step
	request *request.Template                        // of an HTTP step
	texts   map[string]*template.Template            // by field, such as prompt
	groups  map[string]map[string]*template.Template // by field and name, such as values
}

// Compile parses the templates of a step. An Invalid error names the field within the step,
// with the line and the column of the mistake.
func Compile(s Step) (*Compiled, error) {
	c := &Compiled{step: s, texts: map[string]*template.Template{}, groups: map[string]map[string]*template.Template{}}
	var fail error
	one := func(kind template.Kind, field, text string) *template.Template {
		if fail != nil {
			return nil
		}
		t, err := template.Parse(kind, text)
		if err != nil {
			fail = template.Refused(field, err)
		}
		return t
	}
	text := func(kind template.Kind, field, from string) {
		if from != "" {
			c.texts[field] = one(kind, field, from)
		}
	}
	group := func(kind template.Kind, field string, from map[string]string) {
		c.groups[field] = map[string]*template.Template{}
		for _, name := range slices.Sorted(maps.Keys(from)) {
			c.groups[field][name] = one(kind, field+"."+name, from[name])
		}
	}
	switch s.Type {
	case HTTP:
		c.request, fail = request.Compile(request.Definition{
			Method: s.Method, URL: s.URL, Headers: s.Headers, SecretHeaders: s.SecretHeaders, Body: s.Body,
		})
	case Agent:
		text(template.Text, "prompt", s.Prompt)
		text(template.Text, "thread_id", s.ThreadID)
	case SendTemplate:
		text(template.Text, "to", s.To)
		group(template.Text, "parameters", s.Parameters)
	case SendMessage:
		text(template.Text, "to", s.To)
		text(template.Text, "subject", s.Subject)
		text(template.Text, "text", s.Text)
	case Set:
		group(template.Text, "values", s.Values)
	case Wait:
		text(template.Text, "until", s.Until)
	}
	return c, fail
}

// within puts the path of a step before the field of an error.
func within(path string, err error) error {
	if f, ok := errors.AsType[*fault.Error](err); ok && f.Field != "" {
		inner := *f
		inner.Field, inner.Message = path+"."+f.Field, path+"."+f.Message
		return &inner
	}
	return err
}
