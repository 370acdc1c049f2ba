package flametalk

import (
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/fault"
)

// agentID returns the agent that the path names. A malformed id is Invalid: it
// can never be one.
func agentID(r *http.Request) (string, error) {
	id := strings.ToLower(r.PathValue("id"))
	if len(id) != 36 || uuid.Validate(id) != nil {
		return "", fault.Field("id", "id must be a UUID")
	}
	return id, nil
}

// managedAgent returns the agent that the path names, for a caller that may
// change it.
func managedAgent(r *http.Request, caller account.Caller) (string, error) {
	if err := caller.MayManage(); err != nil {
		return "", err
	}
	return agentID(r)
}

func versionID(r *http.Request) (string, error) {
	id := r.PathValue("version_id")
	digits, ok := strings.CutPrefix(id, "v-")
	if !ok || digits == "" || len(digits) > 64 || strings.Trim(digits, "0123456789abcdefghijklmnopqrstuvwxyz") != "" {
		return "", fault.Field("version_id", "version_id must be the id of a version")
	}
	return id, nil
}
