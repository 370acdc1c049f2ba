package automation

import (
	"encoding/json"
	"fmt"
	"maps"
)

// Position is the step that a run has reached, with the data that the step's templates see:
// trigger, steps, vars and run, and within a for_each also item and index.
type Position struct {
	Path string // the step's id, within a for_each id[3].child
	Step Step
	Data map[string]any
}

// Next returns the position of a run. executions has the latest execution of each path. The
// position is nil if all steps have ended. The result depends on nothing else, so a worker that
// takes over from another one goes on at the same step.
func Next(r Run, executions map[string]Execution) (*Position, error) {
	trigger, err := decode(r.Trigger)
	if err != nil {
		return nil, fmt.Errorf("trigger of run %s: %w", r.ID, err)
	}
	w := course{run: r, executions: executions, fresh: new(bool), steps: map[string]any{}, vars: map[string]any{}}
	w.data = map[string]any{"trigger": trigger, "steps": w.steps, "vars": w.vars, "run": map[string]any{"id": r.ID}}
	return w.next(r.Definition.Steps, "")
}

// course follows a run along its definition.
type course struct {
	run        Run
	executions map[string]Execution
	fresh      *bool // the course has reached the step that a re-run began with
	data       map[string]any
	steps      map[string]any // of data
	vars       map[string]any // of data
}

// ended returns the execution of a path if it has ended well, in this re-run where the step
// belongs to it.
func (c course) ended(path string) (Execution, bool) {
	if path == c.run.From {
		*c.fresh = true
	}
	e, ok := c.executions[path]
	return e, ok && e.State == StepDone && (!*c.fresh || e.Generation == c.run.Generation)
}

// next returns the first step in a list that has not ended. prefix begins the paths.
func (c course) next(steps []Step, prefix string) (*Position, error) {
	for _, s := range steps {
		path := prefix + s.ID
		e, ended := c.ended(path)
		if !ended {
			return &Position{Path: path, Step: s, Data: maps.Clone(c.data)}, nil
		}
		output, err := outputOf(e)
		if err != nil {
			return nil, fmt.Errorf("output of step %s: %w", path, err)
		}
		c.keep(s, output)
		p, err := c.inside(s, path, output)
		if p != nil || err != nil {
			return p, err
		}
	}
	return nil, nil
}

func outputOf(e Execution) (any, error) {
	if len(e.Output) == 0 {
		return nil, nil //nolint:nilnil // a step without an output
	}
	return decode(e.Output)
}

// keep adds a step's output to the data.
func (c course) keep(s Step, output any) {
	c.steps[s.ID] = output
	if values, ok := output.(map[string]any); ok && s.Type == Set {
		maps.Copy(c.vars, values)
	}
}

// inside returns the first step within a step that has not ended.
func (c course) inside(s Step, path string, output any) (*Position, error) {
	switch s.Type {
	case Condition:
		if held, _ := Lookup(output, "result"); held == true {
			return c.next(s.Then, prefixOf(path))
		}
		return c.next(s.Else, prefixOf(path))
	case ForEach:
		items, _ := Lookup(output, "items")
		list, _ := items.([]any)
		for i, item := range list {
			inner := c
			inner.data = maps.Clone(c.data)
			inner.data["item"], inner.data["index"] = item, json.Number(fmt.Sprint(i))
			if p, err := inner.next(s.Steps, fmt.Sprintf("%s[%d].", path, i)); p != nil || err != nil {
				return p, err
			}
		}
	}
	return nil, nil //nolint:nilnil // all steps have ended
}

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
