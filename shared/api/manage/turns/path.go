package turns

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/turn"
)

// turnID returns the turn that the path names. The error is NotFound for a malformed id.
func turnID(r *http.Request) (string, error) {
	return param.PathUUID(r, "id", turn.ErrNoTurn)
}
