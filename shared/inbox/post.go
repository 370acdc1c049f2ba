package inbox

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/clip"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/turn"
	"github.com/quintet-agents/quintet/shared/work"
)

// Post is a message that a step of an automation sends to a person, who need not have written
// before.
type Post struct {
	ID           string // of the intent: posting it again adds nothing
	OrgID        string
	ConnectionID string
	Automation   string // id of the automation
	To           string // number, address or id of the person, as the channel has it
	Subject      string // of a mail; empty: none
	Text         string
}

// Posted is a post that was added to its thread. Its Ref names the chat.
type Posted struct {
	Ref
	ReplyID string // also the id of the thread's message
}

// Poster adds posts to the threads and the outboxes of their recipients. Workers send them like
// all replies, each part at most once.
type Poster struct {
	Store   PostStore
	Workers func(connection.Channel) work.Queue
	Phone   func(text string) (digits string, ok bool)
	Now     func() time.Time
}

// PostStore keeps posts.
type PostStore interface {
	Connection(ctx context.Context, orgID, id string) (connection.Connection, error)

	// Posted returns the post with an id, or nil.
	Posted(ctx context.Context, orgID, connectionID, id string) (*Posted, error)

	// AddPost adds a post to a thread, and a reply with its text to the chat's outbox, in one
	// transaction. decide is documented with Files.File. If there is a post with the id, nothing
	// changes.
	AddPost(ctx context.Context, id string, of Ref, names Names, decide func(Found) (Joining, error)) error

	// Reply returns a reply of a chat, or nil.
	Reply(ctx context.Context, c Chat, id string) (*Reply, error)
}

// The reasons for which a post is refused.
var (
	ErrPostClosed  = fault.New(fault.Conflict, "The person has not written for 24 hours, so the channel allows a template and no free text")
	ErrPostNobody  = fault.New(fault.Conflict, "%s", channel.WindowClosedReason)
	ErrPostErased  = fault.New(fault.Conflict, "The message was deleted with its thread or its person")
	errPostPhone   = fault.Rule("to", "must be a phone number with its country code, such as +31612345678")
	errPostAddress = fault.Rule("to", "must be a mail address")
	errPostID      = fault.Rule("to", "must be the channel's id of the person, which has digits only")
)

// Post adds a post to the thread of its recipient, unless it was added before, and returns its
// reply. The error is one of this package, or Invalid for a recipient that the channel cannot have.
func (p *Poster) Post(ctx context.Context, post Post) (*Reply, error) {
	posted, err := p.Store.Posted(ctx, post.OrgID, post.ConnectionID, post.ID)
	if err != nil {
		return nil, err
	}
	if posted == nil {
		if err := p.add(ctx, post); err != nil {
			return nil, err
		}
		if posted, err = p.Store.Posted(ctx, post.OrgID, post.ConnectionID, post.ID); err != nil {
			return nil, err
		}
	}
	if posted == nil {
		return nil, ErrPostErased
	}
	r, err := p.Store.Reply(ctx, Chat{Ref: posted.Ref}, posted.ReplyID)
	if err == nil && r == nil {
		err = ErrPostErased
	}
	return r, err
}

func (p *Poster) add(ctx context.Context, post Post) error {
	c, err := p.Store.Connection(ctx, post.OrgID, post.ConnectionID)
	switch {
	case fault.Is(err, fault.NotFound):
		return channel.ErrUnknownConnection
	case err != nil:
		return err
	case c.Disabled:
		return channel.ErrDisabled
	}
	person, err := p.person(c, post.To)
	if err != nil {
		return err
	}
	var chat Ref
	err = p.Store.AddPost(ctx, post.ID, Ref{OrgID: c.OrgID, Channel: c.Channel, ConnectionID: c.ID}, Names{Aliases: Aliases(person)}, func(f Found) (Joining, error) {
		j, err := post.join(c, person, f, p.Now())
		chat = j.Chat.Ref
		return j, err
	})
	if err == nil {
		Wake(ctx, p.Workers(c.Channel), chat, 0)
	}
	return err
}

// person returns the person at an address of the connection's channel.
func (p *Poster) person(c connection.Connection, to string) (channel.Person, error) {
	to = strings.TrimSpace(to)
	switch c.Channel {
	case connection.WhatsApp:
		digits, ok := p.Phone(to)
		if !ok {
			return channel.Person{}, errPostPhone
		}
		return channel.Person{Address: digits}, nil
	case connection.Twilio:
		kind, number, ok := strings.Cut(to, ":")
		if !ok {
			kind, number = "", to
			if before, _, has := strings.Cut(c.Account(), ":"); has {
				kind = before
			}
		}
		digits, ok := p.Phone(number)
		switch {
		case !ok || kind != "" && !slices.Contains([]string{"whatsapp", "rcs"}, kind):
			return channel.Person{}, errPostPhone
		case kind != "":
			return channel.Person{Address: kind + ":+" + digits}, nil
		}
		return channel.Person{Address: "+" + digits}, nil
	case connection.Email:
		before, domain, ok := strings.Cut(to, "@")
		if !ok || before == "" || !strings.Contains(domain, ".") || len(to) > maxAddress || strings.ContainsAny(to, " \t\r\n<>,;\"") {
			return channel.Person{}, errPostAddress
		}
		return channel.Person{Address: to}, nil
	}
	if to == "" || len(to) > 64 || strings.Trim(to, "0123456789") != "" {
		return channel.Person{}, errPostID
	}
	return channel.Person{Address: to}, nil
}

// maxAddress is the longest mail address.
const maxAddress = 254

// join returns what a post changes, or the reason for which it would not reach the person.
func (p Post) join(c connection.Connection, person channel.Person, f Found, now time.Time) (Joining, error) {
	contact, owns := f.identify(person, now, newContact(c, now))
	contact = contact.meet(person, contact.IDsAt)
	owns.Aliases = Aliases(person)
	switch {
	case contact.OptedOut:
		return Joining{}, channel.ErrOptedOut
	case contact.Closed(now) && c.Channel == connection.WhatsApp:
		return Joining{}, ErrPostClosed
	case contact.Closed(now):
		return Joining{}, ErrPostNobody
	case f.Chat != nil && len(f.Chat.Outbox) >= MaxOutbox:
		return Joining{}, ErrOutboxFull
	}
	ref := Ref{OrgID: c.OrgID, Channel: c.Channel, ConnectionID: c.ID, ChatID: contact.ID}
	reply := Reply{Unsplit: true, Parts: []Part{{Text: p.Text}}, CreatedAt: now}
	if c.Channel == connection.Email { // each begins a conversation of its own
		ref.ChatID = uuid.NewSHA1(uuid.NameSpaceOID, []byte(p.ID)).String()
		reply.Mail = &channel.MailHead{Subject: strings.Join(strings.Fields(p.Subject), " "), Token: ref.ChatID}
	}
	threadID := ThreadID(c.AgentID, ref)
	reply.Ref, reply.ThreadID = ref, threadID
	return Joining{
		Contact: contact, Ownership: owns, Chat: Chat{Ref: ref, ContactID: contact.ID}, Visitor: visitor(contact), Reply: reply,
		Note: turn.Turn{
			ID: turn.NewIDAt(now), OrgID: c.OrgID, ThreadID: threadID, AgentID: c.AgentID, KeyID: c.ID, Channel: string(c.Channel),
			Note: true, Automation: p.Automation, Assistant: clip.Text(p.Text, turn.MaxText),
		},
	}, nil
}
