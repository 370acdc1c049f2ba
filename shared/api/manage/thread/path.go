package thread

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/thread"
)

// threadID returns the thread that the path names. The error is NotFound for a malformed id.
func threadID(r *http.Request) (string, error) {
	id := param.PathID(r, "id")
	if !thread.ValidID(id) {
		return "", thread.ErrNotFound
	}
	return id, nil
}
