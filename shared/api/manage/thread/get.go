package thread

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/inbox"
)

// Get answers GET /threads/{id}: a thread with its contact and state, where it belongs to a channel.
func Get(auth wire.Authenticator, threads inbox.Viewer) http.Handler {
	return frame.Read(auth, identity.Caller.MayManage, func(r *http.Request, caller identity.Caller) (wholeThread, error) {
		id, err := threadID(r)
		if err != nil {
			return wholeThread{}, err
		}
		v, err := inbox.Look(r.Context(), threads, caller.OrgID, id)
		if err != nil {
			return wholeThread{}, err
		}
		return shapeOfWhole(v), nil
	})
}
