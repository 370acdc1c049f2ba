package flexyagents

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/turn"
)

// whole is the turn.Sink of a non-streamed answer.
type whole struct {
	turn.Quiet

	w http.ResponseWriter
}

func (s whole) Start(o turn.Opening) { wire.Announce(s.w, o) }

// end writes the answer, or returns the turn's error.
func (s whole) end(t turn.Turn, err error) error {
	if err != nil {
		return err
	}
	return wire.JSON(s.w, http.StatusOK, shapeOfAnswer(t))
}
