package flowgent

import (
	"net/http"
	"strings"

	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/fault"
)

const agentField = "agent_id"

// agentID returns the agent's id or slug in the path.
func agentID(r *http.Request) (string, error) {
	id := param.PathID(r, agentField)
	if strings.TrimSpace(id) == "" {
		return "", fault.Field(agentField, "agent_id is required and must be a non-empty string")
	}
	return id, nil
}
