package flapjack

import (
	"context"
	"net/http"
	"strings"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/thread"
	"github.com/quintet-agents/quintet/shared/turn"
)

// MessageLister reads a thread's turns.
type MessageLister interface {
	ThreadReader
	TurnsAfter(ctx context.Context, t thread.Thread, after int64, limit int) ([]turn.Turn, error)
}

// MessageList answers GET /api/threads/{id}/messages: up to `limit` messages after the message
// `after`, oldest first.
func MessageList(auth wire.Authenticator, threads MessageLister) http.Handler {
	return wire.CORS(wire.Handle(WriteError, wire.Authorized(auth, func(w http.ResponseWriter, r *http.Request, caller identity.Caller) error {
		limit, err := param.QueryInt(r, "limit", 50, 1, 100)
		if err != nil {
			return err
		}
		after, place, role, err := afterMessage(r)
		if err != nil {
			return err
		}
		t, err := findThread(r, threads, caller)
		if err != nil {
			return err
		}
		if role == model.User {
			place-- // the page begins with the answer of the same turn
		}
		shapes := make([]messageShape, 0, limit)
		for len(shapes) < limit {
			turns, err := threads.TurnsAfter(r.Context(), t, place, (limit-len(shapes))/2+1)
			if err != nil {
				return err
			}
			if len(turns) == 0 {
				break
			}
			for _, turn := range turns {
				for _, m := range turn.Messages() {
					if m.ID > after {
						shapes = append(shapes, shapeOfMessage(m))
					}
				}
				place = turn.Place
			}
		}
		return wire.JSON(w, http.StatusOK, shapes[:min(limit, len(shapes))])
	})))
}

// afterMessage returns the id, the turn's place and the role of the message before a page; all are
// empty for the first page.
func afterMessage(r *http.Request) (id string, place int64, role model.Role, err error) {
	if !r.URL.Query().Has("after") {
		return "", 0, "", nil
	}
	id = strings.ToLower(r.URL.Query().Get("after")) // its only letters are those of a UUID
	place, role, err = thread.ParseMessageID("after", id)
	return id, place, role, err
}
