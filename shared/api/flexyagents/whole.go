package flexyagents

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/turn"
)

// whole is the turn.Sink of an answer that is sent when it is complete: of what
// happens on the way the client hears nothing.
type whole struct {
	turn.Quiet

	w http.ResponseWriter
}

func (s whole) Start(o turn.Opening) { wire.Announce(s.w, o) }

// end writes the answer, or returns why there is none.
func (s whole) end(t turn.Turn, err error) error {
	if err != nil {
		return err
	}
	return wire.JSON(s.w, http.StatusOK, shapeOfAnswer(t))
}
