package thread

import (
	"net/http"
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/envelope"
	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/shared/thread"
)

// Lister lists threads.
type Lister interface {
	agent.Reader
	inbox.Finder
}

// List answers GET /threads: a page of the org's threads, newest first. agent_id, channel, contact_id,
// handed_over, from and to select some.
func List(auth wire.Authenticator, threads Lister) http.Handler {
	return wire.Handle(envelope.WriteError, wire.Authorized(auth, func(w http.ResponseWriter, r *http.Request, caller identity.Caller) error {
		if err := caller.MayManage(); err != nil {
			return err
		}
		only, err := readFilter(r)
		if err != nil {
			return err
		}
		if only.AgentID != "" {
			live, err := agent.Find(r.Context(), threads, caller.OrgID, only.AgentID)
			if err != nil {
				return err
			}
			only.AgentID = live.AgentID
		}
		return frame.PageOf(w, r, thread.ValidID, func(after *frame.Cursor, limit int) ([]inbox.View, *frame.Cursor, error) {
			page, next, err := inbox.Find(r.Context(), threads, caller.OrgID, only, frame.LastRow(after, func(c frame.Cursor) thread.Thread {
				return thread.Thread{ID: c.ID, CreatedAt: c.At}
			}), limit)
			if next == nil {
				return page, nil, err
			}
			return page, &frame.Cursor{ID: next.ID, At: next.CreatedAt}, err
		}, shapeOf)
	}))
}

// readFilter reads which threads are asked for. AgentID is an id or a slug. Unknown parameters are
// ignored.
func readFilter(r *http.Request) (f inbox.Filter, err error) {
	q := r.URL.Query()
	f.AgentID = param.QueryID(r, "agent_id")
	if q.Has("agent_id") && f.AgentID == "" {
		return f, fault.Rule("agent_id", agent.RefRule)
	}
	if f.Channel = q.Get("channel"); q.Has("channel") && (f.Channel == "" || len(f.Channel) > maxChannel || strings.Trim(f.Channel, letters) != "") {
		return f, fault.Field("channel", "channel must be the name of an API or a channel, such as flapjack or whatsapp")
	}
	if f.ContactID = param.QueryID(r, "contact_id"); q.Has("contact_id") && !param.IsID(f.ContactID) {
		return f, fault.Field("contact_id", "contact_id must be the id of a contact")
	}
	if q.Has("handed_over") {
		switch q.Get("handed_over") {
		case "true":
			f.HandedOver = new(true)
		case "false":
			f.HandedOver = new(false)
		default:
			return f, fault.Field("handed_over", "handed_over must be true or false")
		}
	}
	if q.Has("from") {
		if f.From, err = frame.QueryDay(r, "from", time.Time{}); err != nil {
			return f, err
		}
	}
	if q.Has("to") {
		if f.To, err = frame.QueryDay(r, "to", time.Time{}); err != nil {
			return f, err
		}
		f.To = f.To.AddDate(0, 0, 1) // the day itself is part of the range
	}
	if !f.To.IsZero() && !f.From.Before(f.To) {
		return f, fault.Field("from", "from must not be after to")
	}
	return f, nil
}

const (
	letters    = "abcdefghijklmnopqrstuvwxyz"
	maxChannel = 20
)
