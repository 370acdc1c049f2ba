package agentflow

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/turn"
)

// whole is the teller that answers in one piece. What a turn said before it
// broke off is in its thread; the answer is the error.
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
