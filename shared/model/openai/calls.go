package openai

import (
	"github.com/quintet-agents/quintet/shared/model/gather"
)

// calls finds the call that a piece belongs to.
type calls struct {
	current map[int]*gather.Call // by the index the pieces carry
	last    *gather.Call
}

// add takes a piece. Id and name come with a call's first piece only. A second id at
// the same index is another call: some servers number all calls 0, or none.
func (cs *calls) add(answer *gather.Answer, piece toolCall) error {
	id, name := piece.ID.word(), piece.Function.Name.word()
	index, numbered := piece.Index.count()
	c := cs.last
	if numbered {
		c = cs.current[index]
	}
	another := c != nil && (id != "" && c.ID != "" && id != c.ID || !numbered && id == "" && name != "" && c.Name != "")
	if c == nil || another {
		var err error
		if c, err = answer.Call(); err != nil {
			return err
		}
		if cs.current == nil {
			cs.current = map[int]*gather.Call{}
		}
		cs.current[index] = c
	}
	cs.last = c
	if c.ID == "" {
		c.ID = id
	}
	if c.Name == "" {
		c.Name = name
	}
	return c.Arguments(piece.Function.Arguments.arguments())
}

// arguments returns a piece of arguments: text, or the object itself.
func (l loose) arguments() string {
	if text, ok := l.text(); ok {
		return text
	}
	return string(l)
}
