package openai

import (
	"github.com/quintet-agents/quintet/shared/model/gather"
)

// calls assigns each piece of a tool call to its call.
type calls struct {
	current map[int]*gather.Call // by the index in the pieces
	last    *gather.Call
}

// add adds a piece to its call, or to a new one. Only the first piece of a call has an
// id and a name. A new id at the same index begins another call, because some servers
// give all calls the index 0, or none.
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

// arguments returns a piece of arguments: a string's text, or an object's JSON.
func (l loose) arguments() string {
	if text, ok := l.text(); ok {
		return text
	}
	return string(l)
}
