package flametalk

import (
	"net/http"
	"strings"

	"github.com/google/uuid"

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

func versionID(r *http.Request) (string, error) {
	id := r.PathValue("version_id")
	digits, ok := strings.CutPrefix(id, "v-")
	if !ok || digits == "" || len(digits) > 64 || strings.Trim(digits, "0123456789abcdefghijklmnopqrstuvwxyz") != "" {
		return "", fault.Field("version_id", "version_id must be the id of a version")
	}
	return id, nil
}
