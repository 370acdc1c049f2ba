package tool

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/quintet-agents/quintet/shared/clip"
)

const (
	maxProblems = 8   // that a model is told of
	maxShown    = 200 // bytes of a text of others in a problem
)

// Check decodes a call's arguments. Its error says in words what the schema does not allow,
// so that the model can correct its call.
func (s *Schema) Check(raw json.RawMessage) (map[string]any, error) {
	if len(raw) > MaxArguments {
		return nil, fmt.Errorf("the arguments are longer than %d KiB", MaxArguments>>10)
	}
	v, err := decode(raw)
	if err != nil {
		return nil, errors.New("the arguments are not JSON")
	}
	object, ok := v.(map[string]any)
	if !ok {
		return nil, errors.New("the arguments are not a JSON object")
	}
	parts, err := weigh(v, 0)
	switch {
	case err != nil:
		return nil, fmt.Errorf("the arguments cannot be used: something in them %w", err)
	case parts*s.weight > maxWork:
		return nil, errors.New("the arguments have too many parts")
	}
	if err := s.compiled.Validate(v); err != nil {
		return nil, errors.New(words(err))
	}
	return object, nil
}

var english = message.NewPrinter(language.English)

// words describes what does not match a schema, a problem after the other.
func words(err error) string {
	if refused, ok := errors.AsType[*jsonschema.SchemaValidationError](err); ok {
		err = refused.Err
	}
	invalid, ok := errors.AsType[*jsonschema.ValidationError](err)
	if !ok {
		return clipped(err.Error())
	}
	var all []string
	collect(invalid, &all)
	slices.Sort(all)
	return strings.Join(all, "; ")
}

// collect appends the innermost problems.
func collect(e *jsonschema.ValidationError, all *[]string) {
	if len(*all) == maxProblems {
		return
	}
	if len(e.Causes) == 0 {
		at := "the arguments"
		if len(e.InstanceLocation) > 0 {
			at = strings.Join(e.InstanceLocation, ".")
		}
		problem := clipped(at) + ": " + clipped(e.ErrorKind.LocalizedString(english))
		if slices.Contains(*all, problem) {
			return
		}
		*all = append(*all, problem)
	}
	for _, cause := range e.Causes {
		collect(cause, all)
	}
}

// clipped shortens a text of others, in valid UTF-8.
func clipped(text string) string { return clip.Text(strings.ToValidUTF8(text, "\uFFFD"), maxShown) }
