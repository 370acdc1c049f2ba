package agent

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/fault"
)

// agentID returns the agent that the path names. As on Flametalk's paths, a malformed id is
// Invalid.
func agentID(r *http.Request) (string, error) {
	id := param.PathID(r, "id")
	if !param.IsID(id) {
		return "", fault.Field("id", "id must be a UUID")
	}
	return id, nil
}

// versionID returns the version that the path names.
func versionID(r *http.Request) (string, error) {
	id := param.PathID(r, "version_id")
	if !agent.IsVersionID(id) {
		return "", fault.Field("version_id", "version_id must be the id of a version, such as v-1a2b3c4d5e6f")
	}
	return id, nil
}
