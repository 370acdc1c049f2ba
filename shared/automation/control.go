package automation

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/fault"
)

// Control returns the output of a step that only steers the run: condition, set, wait and
// for_each. until is the time to wait for; zero: none. The error is Invalid if the step's
// values do not allow it.
func (p Position) Control(now time.Time) (output json.RawMessage, until time.Time, err error) {
	switch p.Step.Type {
	case Condition:
		output, err = Encode(map[string]bool{"result": p.Step.If.Holds(p.Data)})
	case Set:
		output, err = p.set()
	case ForEach:
		output, err = p.items()
	case Wait:
		until, err = p.until(now)
		if err == nil {
			output, err = Encode(waited(until))
		}
	default:
		err = fault.New(fault.Internal, "A step of type %s does not steer the run", p.Step.Type)
	}
	return output, until, err
}

// waited is the output of a wait.
func waited(until time.Time) map[string]string {
	return map[string]string{"until": until.UTC().Format(time.RFC3339)}
}

// set returns the values of the variables. A template that is one name alone, such as
// {{steps.lookup.body.total}}, gives the value itself, with its type.
func (p Position) set() (json.RawMessage, error) {
	c, err := Compile(p.Step)
	if err != nil {
		return nil, err
	}
	values, size := map[string]any{}, 0
	for name, t := range c.groups["values"] {
		if alone, ok := nameAlone(p.Step.Values[name]); ok {
			values[name], _ = Lookup(p.Data, alone)
			continue
		}
		text, err := t.Render(p.Data)
		if err != nil {
			field := "values." + name
			return nil, fault.Field(field, "%s must be renderable: %s", field, err)
		}
		if size += len(text); size > MaxOutput { // all of them would be 30 MB
			return nil, fault.Field("values", "values must have at most %d bytes in all", MaxOutput)
		}
		values[name] = text
	}
	return Encode(values)
}

// nameAlone returns the name in a template that has nothing else.
func nameAlone(text string) (string, bool) {
	inner, ok := strings.CutPrefix(strings.TrimSpace(text), "{{")
	inner, closed := strings.CutSuffix(inner, "}}")
	inner = strings.TrimSpace(inner)
	return inner, ok && closed && inner != "" && !strings.ContainsAny(inner, "{}#^/!&> ") && inner != "."
}

func (p Position) items() (json.RawMessage, error) {
	v, _ := Lookup(p.Data, p.Step.Items)
	list, ok := v.([]any)
	switch {
	case v == nil:
		list = []any{}
	case !ok:
		return nil, fault.Field("items", "items must name a list, and %s is none", p.Step.Items)
	case len(list) > MaxItems:
		return nil, fault.Field("items", "items must name a list of at most %d items, and this one has %d", MaxItems, len(list))
	}
	return Encode(map[string]any{"items": list, "count": len(list)})
}

// timeRule is the rule of the times that readTime reads, for errors.
const timeRule = "must be a time such as 2026-11-30T09:00:00Z"

func readTime(text string) (time.Time, error) {
	return time.Parse(time.RFC3339, strings.TrimSpace(text))
}

func (p Position) until(now time.Time) (time.Time, error) {
	if p.Step.Seconds > 0 {
		return now.Add(time.Duration(p.Step.Seconds) * time.Second), nil
	}
	c, err := Compile(p.Step)
	if err != nil {
		return time.Time{}, err
	}
	text, err := c.texts["until"].Render(p.Data)
	if err != nil {
		return time.Time{}, fault.Field("until", "until must be renderable: %s", err)
	}
	at, err := readTime(text)
	switch {
	case err != nil:
		return time.Time{}, fault.Rule("until", timeRule)
	case at.Sub(now) > maxWait*time.Second:
		return time.Time{}, fault.Field("until", "until must be at most %d days away", maxWait/86400)
	}
	return at, nil
}
