package run

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/envelope"
	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Lister lists the runs of automations.
type Lister interface {
	Automation(ctx context.Context, orgID, id string) (automation.Automation, error)
	Runs(
		ctx context.Context, orgID, automationID string, state automation.State, after string, limit int,
	) (page []automation.Run, next string, err error)
}

// List answers GET /automations/{id}/runs: a page of an automation's runs, newest first. state
// selects some.
func List(auth wire.Authenticator, runs Lister) http.Handler {
	return wire.Handle(envelope.WriteError, wire.Authorized(auth, func(w http.ResponseWriter, r *http.Request, caller identity.Caller) error {
		if err := caller.MayManage(); err != nil {
			return err
		}
		id, err := automationID(r)
		if err != nil {
			return err
		}
		state, err := readState(r)
		if err != nil {
			return err
		}
		return frame.PageOf(w, r, param.IsID, func(after *frame.Cursor, limit int) ([]automation.Run, *frame.Cursor, error) {
			if _, err := runs.Automation(r.Context(), caller.OrgID, id); err != nil {
				return nil, nil, err
			}
			page, next, err := runs.Runs(r.Context(), caller.OrgID, id, state, after.LastID(), limit)
			if err != nil || next == "" {
				return page, nil, err
			}
			return page, &frame.Cursor{ID: next}, nil
		}, shapeOf)
	}))
}

// readState reads the state that is asked for; empty: any.
func readState(r *http.Request) (automation.State, error) {
	if !r.URL.Query().Has("state") {
		return "", nil
	}
	state := automation.State(r.URL.Query().Get("state"))
	if !slices.Contains(automation.States, state) {
		return "", fault.Rule("state", stateRule)
	}
	return state, nil
}

var stateRule = "must be " + namesOf(automation.States)

func namesOf(states []automation.State) string {
	var names []string
	for _, s := range states {
		names = append(names, string(s))
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
