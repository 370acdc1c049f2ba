package inbox

import (
	"context"
	"time"

	"github.com/quintet-agents/quintet/shared/thread"
)

// Filter selects threads of an org. Empty fields select all.
type Filter struct {
	AgentID    string
	Channel    string // a surface or the channel of a connection
	ContactID  string
	HandedOver *bool     // only threads of channels have it
	From, To   time.Time // of the thread's creation; To is exclusive
}

// Finder reads many threads and chats at a time.
type Finder interface {
	// ThreadsAndChannels returns up to limit threads after one, newest first: of an agent, or
	// of all if agentID is empty.
	ThreadsAndChannels(ctx context.Context, orgID, agentID string, after *thread.Thread, limit int) ([]thread.Thread, error)

	// Chats returns those of the given chats that exist, by the id of the chat.
	Chats(ctx context.Context, all []Ref) (map[string]Chat, error)
}

// A search reads threads in portions, and at most maxRead in all. The rest is for the next page.
const (
	portion = 100
	maxRead = 10 * portion
)

// Find returns up to limit threads that a filter selects, newest first, with their chats. next
// is the thread after which the next page begins, or nil if there is none. A page may be short, even
// empty, before the end: a search reads only so many threads.
func Find(ctx context.Context, f Finder, orgID string, only Filter, after *thread.Thread, limit int) (page []View, next *thread.Thread, err error) {
	if after == nil && !only.To.IsZero() {
		after = &thread.Thread{CreatedAt: only.To}
	}
	step := portion
	if only.cheap() {
		step = limit + 1
	}
	for read := 0; read < maxRead; {
		some, err := f.ThreadsAndChannels(ctx, orgID, only.AgentID, after, step)
		if err != nil {
			return nil, nil, err
		}
		read += len(some)
		views, err := withChats(ctx, f, some, only)
		if err != nil {
			return nil, nil, err
		}
		for _, v := range views {
			switch {
			case v.Thread.CreatedAt.Before(only.From):
				return page, nil, nil
			case !only.selects(v):
				continue
			case len(page) == limit:
				return page, &page[limit-1].Thread, nil
			}
			page = append(page, v)
		}
		if len(some) < step {
			return page, nil, nil
		}
		after = &some[len(some)-1]
	}
	return page, after, nil
}

// cheap reports whether the index alone selects the threads.
func (f Filter) cheap() bool { return f.Channel == "" && f.ContactID == "" && f.HandedOver == nil }

func (f Filter) selects(v View) bool {
	switch {
	case f.Channel != "" && v.Thread.Channel != f.Channel,
		f.ContactID != "" && (v.Chat == nil || v.Chat.ContactID != f.ContactID),
		f.HandedOver != nil && (v.Chat == nil || v.Chat.HandedOver != *f.HandedOver):
		return false
	}
	return true
}

// withChats returns threads with their chats, which are read at once.
func withChats(ctx context.Context, f Finder, threads []thread.Thread, only Filter) ([]View, error) {
	var refs []Ref
	for _, t := range threads {
		if r, ok := ChatOfThread(t); ok && (only.Channel == "" || only.Channel == t.Channel) {
			refs = append(refs, r)
		}
	}
	chats := map[string]Chat{}
	if len(refs) > 0 {
		var err error
		if chats, err = f.Chats(ctx, refs); err != nil {
			return nil, err
		}
	}
	views := make([]View, 0, len(threads))
	for _, t := range threads {
		v := View{Thread: t}
		if r, ok := ChatOfThread(t); ok {
			if c, found := chats[r.ChatID]; found && c.ConnectionID == r.ConnectionID {
				v.Chat = &c
			}
		}
		views = append(views, v)
	}
	return views, nil
}
