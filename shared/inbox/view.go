package inbox

import (
	"context"

	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/thread"
)

// View is a thread as people of the business see it.
type View struct {
	Thread  thread.Thread
	Chat    *Chat    // nil: the thread belongs to no channel
	Contact *Contact // of the chat; nil in lists
}

// Viewer reads threads with their chats.
type Viewer interface {
	// Thread returns a thread, or thread.ErrNotFound.
	Thread(ctx context.Context, orgID, threadID string) (thread.Thread, error)

	// Chat returns a chat, or nil.
	Chat(ctx context.Context, r Ref) (*Chat, error)

	// Contact returns a contact, or the one that it was merged into, or ErrNoContact.
	Contact(ctx context.Context, orgID, id string) (Contact, error)
}

// Look returns a thread with its chat and contact.
func Look(ctx context.Context, v Viewer, orgID, threadID string) (View, error) {
	t, err := v.Thread(ctx, orgID, threadID)
	if err != nil {
		return View{}, err
	}
	view := View{Thread: t}
	r, ok := ChatOfThread(t)
	if !ok {
		return view, nil
	}
	if view.Chat, err = v.Chat(ctx, r); err != nil || view.Chat == nil {
		return view, err
	}
	c, err := v.Contact(ctx, orgID, view.Chat.ContactID)
	if fault.Is(err, fault.NotFound) {
		return view, nil // the person was erased
	}
	view.Contact = &c
	return view, err
}

// ChatOfThread returns the chat that a thread belongs to, or false for a thread that did not
// begin over a channel. A client may choose such an id, so the chat need not exist.
func ChatOfThread(t thread.Thread) (Ref, bool) {
	agentID, connectionID, chatID, ok := thread.ParseChatID(t.ID)
	c := connection.Channel(t.Channel)
	if !ok || !c.Known() || agentID != t.AgentID {
		return Ref{}, false
	}
	return Ref{OrgID: t.OrgID, Channel: c, ConnectionID: connectionID, ChatID: chatID}, true
}
