package agentflow

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/turn"
)

// whole is the teller of a non-streamed answer. After an interrupted turn, the answer is the
// error, and the thread has the partial text.
type whole struct {
	turn.Quiet

	w http.ResponseWriter
}

type wholeShape struct {
	answerShape

	FlowBalanceRemaining string `json:"flow_balance_remaining"`
}

func (a whole) Start(o turn.Opening) { announce(a.w, o) }

func (a whole) end(_ context.Context, out turn.Outcome, err error) error {
	if err != nil {
		return err
	}
	return wire.JSON(a.w, http.StatusOK, wholeShape{answerOf(out.Turn), out.Available.String()})
}
