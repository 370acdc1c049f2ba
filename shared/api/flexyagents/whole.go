package flexyagents

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/turn"
)

// whole is the turn.Sink of an answer that is sent when it is complete: of what
// happens on the way the client hears nothing.
type whole struct{ w http.ResponseWriter }

func (s whole) Start(o turn.Opening) {
	if o.Replayed {
		s.w.Header().Set(wire.ReplayedHeader, "true")
	}
}

func (whole) Delta(string)               {}
func (whole) ToolCall(model.ToolCall)    {}
func (whole) ToolRunning(model.ToolCall) {}
func (whole) ToolDone(turn.ToolUse)      {}
func (whole) Beat()                      {}

// end writes the answer, or returns why there is none.
func (s whole) end(t turn.Turn, err error) error {
	if err != nil {
		return err
	}
	return wire.JSON(s.w, http.StatusOK, shapeOfAnswer(t))
}
