package flapjack

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/identity"
)

// ThreadGet answers GET /api/threads/{id}.
func ThreadGet(auth wire.Authenticator, threads ThreadReader) http.Handler {
	return wire.CORS(wire.Handle(WriteError, wire.Authorized(auth, func(w http.ResponseWriter, r *http.Request, caller identity.Caller) error {
		t, err := findThread(r, threads, caller)
		if err != nil {
			return err
		}
		return wire.JSON(w, http.StatusOK, shapeOfThread(t))
	})))
}
