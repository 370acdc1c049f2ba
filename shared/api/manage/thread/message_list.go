package thread

import (
	"context"
	"math"
	"net/http"
	"slices"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/envelope"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/thread"
	"github.com/quintet-agents/quintet/shared/turn"
)

// MessageLister reads a thread's turns and replies.
type MessageLister interface {
	Thread(ctx context.Context, orgID, threadID string) (thread.Thread, error)
	TurnsBefore(ctx context.Context, t thread.Thread, before int64, limit int) ([]turn.Turn, error)
	Replies(ctx context.Context, r inbox.Ref, first, last string) (map[string]inbox.Reply, error)
}

// MessageList answers GET /threads/{id}/messages: a page of a thread's messages, latest first. Those
// that go out over a channel have their delivery state.
func MessageList(auth wire.Authenticator, threads MessageLister) http.Handler {
	return wire.Handle(envelope.WriteError, wire.Authorized(auth, func(w http.ResponseWriter, r *http.Request, caller identity.Caller) error {
		if err := caller.MayManage(); err != nil {
			return err
		}
		id, err := threadID(r)
		if err != nil {
			return err
		}
		t, err := threads.Thread(r.Context(), caller.OrgID, id)
		if err != nil {
			return err
		}
		return frame.PageOf(w, r, isMessageID, func(after *frame.Cursor, limit int) ([]message, *frame.Cursor, error) {
			all, err := messagesBefore(r.Context(), threads, t, after.LastID(), limit+1)
			if err != nil {
				return nil, nil, err
			}
			page, next := frame.Cut(all, limit, func(m message) frame.Cursor { return frame.Cursor{ID: m.ID, At: m.CreatedAt} })
			return page, next, withReplies(r.Context(), threads, t, page)
		}, shapeOfMessage)
	}))
}

func isMessageID(id string) bool {
	_, _, err := thread.ParseMessageID("cursor", id)
	return err == nil
}

// messagesBefore returns up to limit messages of a thread before one, latest first. Without an id the
// first one is the latest of the thread.
func messagesBefore(ctx context.Context, threads MessageLister, t thread.Thread, id string, limit int) ([]message, error) {
	before := int64(math.MaxInt64)
	if place, role, err := thread.ParseMessageID("cursor", id); err == nil {
		if before = place; role == model.Assistant {
			before++ // the page begins with the user's message of the same turn
		}
	}
	var all []message
	for len(all) < limit {
		turns, err := threads.TurnsBefore(ctx, t, before, (limit-len(all))/2+1)
		if err != nil {
			return nil, err
		}
		if len(turns) == 0 {
			break
		}
		for _, said := range turns {
			for _, m := range slices.Backward(said.Messages()) {
				if id != "" && m.ID >= id {
					continue
				}
				one := message{Message: m}
				if m.Role == model.User {
					one.unanswered = said.Reason()
				} else if said.Note {
					one.author = said.Author
				}
				all = append(all, one)
			}
			before = said.Place
		}
	}
	return all[:min(limit, len(all))], nil
}

// withReplies gives messages their replies, which are read at once if the thread belongs to a channel.
func withReplies(ctx context.Context, threads MessageLister, t thread.Thread, page []message) error {
	r, ok := inbox.ChatOfThread(t)
	if !ok || len(page) == 0 {
		return nil
	}
	replies, err := threads.Replies(ctx, r, page[len(page)-1].ID, page[0].ID)
	if err != nil {
		return err
	}
	for i, m := range page {
		if reply, found := replies[m.ID]; found {
			page[i].reply = &reply
		}
	}
	return nil
}
