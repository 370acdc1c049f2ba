package param

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/fault"
)

// PathAgent returns the agent's id that is the named path value. The error is Invalid for a
// malformed id, on Flametalk's paths and on the service's own.
func PathAgent(r *http.Request, name string) (string, error) {
	id := PathID(r, name)
	if !IsID(id) {
		return "", fault.Field(name, "%s must be a UUID", name)
	}
	return id, nil
}

// PathVersion returns the id of an agent's version that is the named path value. The error is
// Invalid for a malformed id.
func PathVersion(r *http.Request, name string) (string, error) {
	id := PathID(r, name)
	if !agent.IsVersionID(id) {
		return "", fault.Field(name, "%s must be the id of a version, such as v-1a2b3c4d5e6f", name)
	}
	return id, nil
}
