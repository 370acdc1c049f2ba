package flowgent

import (
	"context"
	"net/http"
	"sync"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/turn"
)

type acknowledgement struct {
	Message string `json:"message"`
	Status  string `json:"status"`
}

var accepted = wire.Answer{Status: http.StatusOK, Body: acknowledgement{"Request accepted and being processed asynchronously", "processing"}}

// accept takes a turn whose answer is to go to a URL, and says so.
func accept(w http.ResponseWriter, r *http.Request, turns Runner, later delivery.Intake, in turn.Input, url string) error {
	take := func(r *http.Request) (any, error) {
		agentID, err := check(r.Context(), turns, later.URLs, in, url)
		if err != nil {
			return nil, err
		}
		in.Agent = agentID
		return nil, later.Take(r.Context(), in, url)
	}
	return wire.Change(w, r, in.Caller, later, in.Once, take, func(any) wire.Answer { return accepted })
}

// check returns what is to be said against a turn or its URL, and the id of
// its agent.
func check(ctx context.Context, turns Runner, urls delivery.URLs, in turn.Input, url string) (agentID string, err error) {
	var (
		urlErr error
		checks sync.WaitGroup
	)
	checks.Go(func() { urlErr = urls.Check(ctx, callbackField, url) })
	agentID, err = turns.Check(ctx, in)
	checks.Wait()
	if err != nil {
		return "", err
	}
	return agentID, urlErr
}
