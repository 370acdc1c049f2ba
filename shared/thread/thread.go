// Package thread holds conversations: threads of an org and their messages.
package thread

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/model"
)

// MaxTitle is the longest title, in Unicode characters.
const MaxTitle = 80

// Thread is a conversation of one agent.
type Thread struct {
	ID        string
	OrgID     string
	AgentID   string
	Channel   string          // where it began: a surface, or the channel of a connection
	Title     string          // empty until the first answer
	Visitor   json.RawMessage // the client's JSON object about its visitor, or empty
	CreatedAt time.Time

	// Forgotten is the time at which an earlier thread with this id was deleted. Its
	// turns are not part of this thread.
	Forgotten time.Time
}

// ErrNotFound is the error for a thread that does not exist, was deleted, or belongs to
// another org.
var ErrNotFound = fault.New(fault.NotFound, "Thread not found")

// New returns a thread of the given agent under a fresh id.
func New(orgID, agentID string, now time.Time) Thread {
	return Thread{ID: NewID(agentID), OrgID: orgID, AgentID: agentID, CreatedAt: now}
}

// NewID mints a thread id: the agent's id, a dot, a UUIDv7. The id lets a chat read thread
// and agent concurrently (see AgentHint).
func NewID(agentID string) string {
	return agentID + "." + uuid.Must(uuid.NewV7()).String()
}

// OwnID returns the id of a caller's own thread with an agent, which chats without a
// thread_id continue.
func OwnID(callerID, slug string) string { return callerID + ":" + slug }

// OwnSlug returns the slug of the agent that an id made by OwnID names, or "" for
// any other id. Only that agent may start the thread.
func OwnSlug(id string) string {
	callerID, slug, ok := strings.Cut(id, ":")
	if !ok || len(callerID) != uuidLength || uuid.Validate(callerID) != nil || !agent.IsSlug(slug) {
		return ""
	}
	return slug
}

// uuidLength is the length of a UUID with dashes.
const uuidLength = 36

// AgentHint returns the agent in an id of NewID, or "" for an id that a client chose. It is
// only a hint: the stored thread decides.
func AgentHint(id string) string {
	agentID, _, ok := strings.Cut(id, ".")
	if !ok || len(agentID) != uuidLength || uuid.Validate(agentID) != nil {
		return ""
	}
	return agentID
}

// ParseChatID returns the agent, the connection and the chat in an id that has the form of a
// channel's thread, three UUIDs with dots between them (see inbox.ThreadID). ok is false for any
// other id. It is only a hint: a client may choose such an id.
func ParseChatID(id string) (agentID, connectionID, chatID string, ok bool) {
	parts := strings.Split(id, ".")
	if len(parts) != 3 {
		return "", "", "", false
	}
	for _, part := range parts {
		if len(part) != uuidLength || uuid.Validate(part) != nil {
			return "", "", "", false
		}
	}
	return parts[0], parts[1], parts[2], true
}

// maxID is the longest id of a thread, in characters.
const maxID = 128

const idAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:-"

// ValidID reports whether id can name a thread. It avoids a regular expression, whose
// compilation would cost every function half a millisecond at start.
func ValidID(id string) bool {
	return id != "" && len(id) <= maxID && strings.Trim(id, idAlphabet) == ""
}

// Message is one entry of a thread.
type Message struct {
	ID        string
	ThreadID  string
	Role      model.Role
	Content   string
	CreatedAt time.Time
}

// MessageID returns the id of a message: the place of its turn in the thread (microseconds
// since 1970), the role, and the turn's id. Ids of one thread sort in order.
func MessageID(place int64, role model.Role, turnID string) string {
	side := userSide
	if role == model.Assistant {
		side = assistantSide
	}
	return fmt.Sprintf("msg-%0*d%s-%s", PlaceDigits, place, side, turnID)
}

const userSide, assistantSide = "a", "b" // a user's message sorts before its answer

// PlaceDigits is the number of digits of a place, enough until the year 2286.
const PlaceDigits = 16

// ParseMessageID returns the place and the role in a message id, or an Invalid error for
// the given request field.
func ParseMessageID(field, id string) (place int64, role model.Role, err error) {
	bad := fault.Field(field, "%s must be the id of a message", field)
	at, turnID, ok := strings.Cut(strings.TrimPrefix(id, "msg-"), "-")
	if !ok || len(at) != PlaceDigits+1 || !strings.HasPrefix(id, "msg-") || len(turnID) != 36 || uuid.Validate(turnID) != nil {
		return 0, "", bad
	}
	n, err := strconv.ParseUint(at[:PlaceDigits], 10, 63)
	if err != nil {
		return 0, "", bad
	}
	switch at[PlaceDigits:] {
	case userSide:
		return int64(n), model.User, nil
	case assistantSide:
		return int64(n), model.Assistant, nil
	}
	return 0, "", bad
}

// TitleRule describes a title that a person chose.
const TitleRule = "must be a string of 1 to 80 characters"

// CleanTitle returns a title that a person chose as one line, or an Invalid error.
func CleanTitle(text string) (string, error) {
	title := strings.Join(strings.Fields(text), " ")
	if title == "" || utf8.RuneCountInString(title) > MaxTitle {
		return "", fault.Rule("title", TitleRule)
	}
	return title, nil
}

// TitleFrom derives a thread's title from its first user message: the words on one line,
// cut at MaxTitle characters.
func TitleFrom(text string) string {
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) > MaxTitle {
		return strings.TrimSpace(string(runes[:MaxTitle-1])) + "…"
	}
	return string(runes)
}
