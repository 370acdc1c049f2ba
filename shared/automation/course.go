package automation

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// Position is the step that a run has reached, with the data that the step's templates see:
// trigger, steps, vars and run, and within a for_each also item and index.
type Position struct {
	Path string // the step's id, within a for_each id[3].child
	Step Step
	Data map[string]any
}

// Taken is a step that a run has begun, with its execution.
type Taken struct {
	Step      Step
	Execution Execution
}

// Next returns the position of a run. executions has the latest execution of each path. The
// position is nil if all steps have ended. The result depends on nothing else, so a worker that
// takes over from another one goes on at the same step.
func Next(r Run, executions map[string]Execution) (*Position, error) {
	return newCourse(r, executions, &memo{}).follow()
}

// Steps returns the steps that a run has begun, in the order in which it took them. executions
// has the latest execution of each path. Steps that a re-run has not reached again are left out.
func Steps(r Run, executions map[string]Execution) ([]Taken, error) {
	c := newCourse(r, executions, &memo{})
	c.taken = &[]Taken{}
	_, err := c.follow()
	return *c.taken, err
}

// course follows a run along its definition. It decodes only what a position's templates see: of
// the items of a for_each, the outputs of the last one.
type course struct {
	run        Run
	executions map[string]Execution
	memo       *memo
	fresh      *bool             // the course has reached the step that a re-run began with
	taken      *[]Taken          // nil: nobody asks
	items      []json.RawMessage // of the for_each around the step; nil: there is none
	loop       string            // the name of its execution
	index      int
	steps      map[string]cell // outputs by id
	vars       map[string]cell
}

// cell is a JSON value with its name in the memo.
type cell struct {
	name string
	raw  json.RawMessage
}

func newCourse(r Run, executions map[string]Execution, m *memo) course {
	m.turn()
	return course{run: r, executions: executions, memo: m, fresh: new(bool), steps: map[string]cell{}, vars: map[string]cell{}}
}

func (c course) follow() (*Position, error) { return c.next(c.run.Definition.Steps, "") }

// next returns the first step in a list that has not ended. prefix begins the paths.
func (c course) next(steps []Step, prefix string) (*Position, error) {
	for _, s := range steps {
		path := prefix + s.ID
		e, ended := c.look(s, path)
		if !ended {
			data, err := c.data()
			return &Position{Path: path, Step: s, Data: data}, err
		}
		if err := c.keep(s, e); err != nil {
			return nil, fmt.Errorf("output of step %s: %w", path, err)
		}
		if p, err := c.inside(s, path, e); p != nil || err != nil {
			return p, err
		}
	}
	return nil, nil
}

// look returns the execution of a path, and whether it has ended well. Where a step belongs to
// the re-run, only the re-run's own execution counts.
func (c course) look(s Step, path string) (Execution, bool) {
	if path == c.run.From {
		*c.fresh = true
	}
	e, ok := c.executions[path]
	if !ok || *c.fresh && e.Generation != c.run.Generation {
		return Execution{}, false
	}
	if c.taken != nil {
		*c.taken = append(*c.taken, Taken{s, e})
	}
	return e, e.State == StepDone
}

// keep adds a step's output to what templates see.
func (c course) keep(s Step, e Execution) error {
	name := nameOf(e)
	c.steps[s.ID] = cell{name, e.Output}
	if s.Type != Set {
		return nil
	}
	values, err := remember(c.memo, name+" values", func() (values map[string]json.RawMessage, err error) {
		err = json.Unmarshal(e.Output, &values)
		return values, err
	})
	for variable, raw := range values {
		c.vars[variable] = cell{name + " values " + variable, raw}
	}
	return err
}

// inside returns the first step within a step that has not ended.
func (c course) inside(s Step, path string, e Execution) (*Position, error) {
	switch s.Type {
	case Condition:
		held, err := remember(c.memo, nameOf(e)+" result", func() (bool, error) {
			var output struct {
				Result bool `json:"result"`
			}
			err := json.Unmarshal(e.Output, &output)
			return output.Result, err
		})
		if err != nil {
			return nil, fmt.Errorf("output of step %s: %w", path, err)
		}
		if held {
			return c.next(s.Then, prefixOf(path))
		}
		return c.next(s.Else, prefixOf(path))
	case ForEach:
		list, err := remember(c.memo, nameOf(e)+" items", func() ([]json.RawMessage, error) {
			var output struct {
				Items []json.RawMessage `json:"items"`
			}
			err := json.Unmarshal(e.Output, &output)
			return output.Items, err
		})
		if err != nil {
			return nil, fmt.Errorf("output of step %s: %w", path, err)
		}
		inner := c
		inner.items, inner.loop = list, nameOf(e)
		for i := range list {
			inner.index = i
			if p, err := inner.next(s.Steps, path+"["+strconv.Itoa(i)+"]."); p != nil || err != nil {
				return p, err
			}
		}
	}
	return nil, nil //nolint:nilnil // all steps have ended
}

// data returns what the templates of the step see that the course has reached.
func (c course) data() (map[string]any, error) {
	trigger, err := c.value(cell{"trigger", c.run.Trigger})
	if err != nil {
		return nil, fmt.Errorf("trigger of run %s: %w", c.run.ID, err)
	}
	data := map[string]any{"trigger": trigger, "run": map[string]any{"id": c.run.ID}}
	for name, cells := range map[string]map[string]cell{"steps": c.steps, "vars": c.vars} {
		values := map[string]any{}
		for key, of := range cells {
			if values[key], err = c.value(of); err != nil {
				return nil, fmt.Errorf("%s.%s: %w", name, key, err)
			}
		}
		data[name] = values
	}
	if c.items != nil {
		index := strconv.Itoa(c.index)
		if data["item"], err = c.value(cell{c.loop + " item " + index, c.items[c.index]}); err != nil {
			return nil, fmt.Errorf("item: %w", err)
		}
		data["index"] = json.Number(index)
	}
	return data, nil
}

func (c course) value(of cell) (any, error) {
	if len(of.raw) == 0 {
		return nil, nil //nolint:nilnil // a step without an output
	}
	return remember(c.memo, of.name, func() (any, error) { return decode(of.raw) })
}

func nameOf(e Execution) string { return e.Path + "#" + strconv.Itoa(e.Generation) }

// prefixOf returns what the paths of a condition's steps begin with: the item of the for_each
// around them, because ids are unique.
func prefixOf(path string) string {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '.' {
			return path[:i+1]
		}
	}
	return ""
}

// memo keeps decoded values from one position of a run to the next, as long as they are used.
type memo struct{ before, now map[string]any }

// turn begins a position: what the one before it did not use is forgotten.
func (m *memo) turn() { m.before, m.now = m.now, map[string]any{} }

func remember[T any](m *memo, name string, read func() (T, error)) (T, error) {
	for _, all := range []map[string]any{m.now, m.before} {
		if v, ok := all[name]; ok {
			m.now[name] = v
			t, _ := v.(T) // a null is no T
			return t, nil
		}
	}
	t, err := read()
	if err == nil {
		m.now[name] = t
	}
	return t, err
}

// byPath returns the latest execution of each path.
func byPath(all []Execution) map[string]Execution {
	latest := make(map[string]Execution, len(all))
	for _, e := range all {
		if before, ok := latest[e.Path]; !ok || e.Generation >= before.Generation {
			latest[e.Path] = e
		}
	}
	return latest
}
