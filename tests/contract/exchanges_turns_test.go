package contract_test

import (
	"slices"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/turn"
)

const (
	turnPath    = "/api/v1/turns/$TURN"
	runningPath = "/api/v1/turns/$RUNNING_TURN"
)

var turns = slices.Concat(
	managers("manage-turn-list", get, "/api/v1/turns?status=running", ""),
	of("manage-turn-list",
		exchange{method: get, path: "/api/v1/turns?status=running&limit=1", status: 200},
		exchange{method: get, path: "/api/v1/turns?status=running", key: "$MEMBER_SESSION", status: 200},
		exchange{method: get, path: "/api/v1/turns?status=running", key: "$EMPTY_KEY", status: 200},
		exchange{method: get, path: "/api/v1/turns", status: 400},
		exchange{method: get, path: "/api/v1/turns?status=settled", status: 400},
		exchange{method: get, path: "/api/v1/turns?status=running&limit=101", status: 400},
		exchange{method: get, path: "/api/v1/turns?status=running&cursor=x", status: 400},
	),

	refusesStrangers("manage-turn-get", get, turnPath),
	of("manage-turn-get",
		exchange{method: get, path: turnPath, status: 200},
		exchange{method: get, path: turnPath, key: "$BOUND_KEY", status: 200},
		exchange{method: get, path: turnPath, key: "$MEMBER_SESSION", status: 200},
		exchange{method: get, path: runningPath, status: 200},
		exchange{method: get, path: runningPath, key: "$BOUND_KEY", status: 200},
		exchange{method: get, path: turnPath, key: "$OTHER_KEY", status: 404},
		exchange{method: get, path: "/api/v1/turns/" + nowhere, status: 404},
		exchange{method: get, path: "/api/v1/turns/nothing", status: 404},
	),

	refusesStrangers("manage-turn-cancel", post, runningPath+"/cancel"),
	of("manage-turn-cancel",
		exchange{method: post, path: runningPath + "/cancel", header: once, status: 202, writes: true},
		exchange{method: post, path: runningPath + "/cancel", key: "$MEMBER_SESSION", status: 202, writes: true},
		exchange{method: post, path: runningPath + "/cancel", key: "$BOUND_KEY", status: 202, writes: true},
		exchange{method: post, path: turnPath + "/cancel", status: 409},
		exchange{method: post, path: turnPath + "/cancel", key: "$BOUND_KEY", status: 409},
		exchange{method: post, path: runningPath + "/cancel", key: "$OTHER_KEY", status: 404},
		exchange{method: post, path: "/api/v1/turns/" + nowhere + "/cancel", status: 404},
		exchange{method: post, path: "/api/v1/turns/nothing/cancel", status: 404},
	),
)

// renewRunning makes the world's running turn one of the agent's. Its function has published its
// progress, and will not end.
func (w *world) renewRunning(t *testing.T, a agent.Agent) {
	t.Helper()
	if w.names["RUNNING_TURN"] == "" {
		w.names["RUNNING_TURN"] = w.hold(t).TurnID
	}
	id := w.names["RUNNING_TURN"]
	_, err := w.Store.Publish(t.Context(), turn.Progress{At: w.Now().Add(time.Hour), Turn: turn.Turn{
		ID: id, OrgID: w.org, ThreadID: a.ID + "." + id, AgentID: a.ID, KeyID: "key", Channel: "test", Model: "scripted", StartedAt: turn.StartedAt(id),
		Usage: model.Usage{Input: 3, Output: 3}, Estimated: true, Charge: 1, Calls: []turn.Call{{Usage: model.Usage{Input: 3, Output: 3}, Tools: 1}},
		Tools: []turn.ToolUse{{ID: "call_1", Name: "look", Took: time.Second}},
	}})
	if err != nil {
		t.Fatal(err)
	}
}
