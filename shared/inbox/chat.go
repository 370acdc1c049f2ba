package inbox

import (
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
)

// Chat is a conversation of a connection with a contact, and the state of the work on it. A
// contact has one chat; of mail, one for each thread of mails.
type Chat struct {
	Ref
	ContactID  string
	HandedOver bool // a person of the business answers; the agent is silent

	Pending      int       // number of messages that wait for an answer
	FirstPending time.Time // when the first of them was filed
	QuietUntil   time.Time // the turn waits for further messages until then
	Run          *Run      // the turn under way; nil: none
	Outbox       []string  // ids of replies that are not sent yet, in order, and names of LateTemplate
	Tries        int       // failures in a row of the current step
	Mail         *channel.Mail

	Lease string // id of the worker's lease
}

// ErrNoChat is the error for a thread that belongs to no chat.
var ErrNoChat = fault.New(fault.NotFound, "The thread belongs to no channel")

// Run is a turn that answers messages of a chat. It is stored before the turn, so that each
// attempt answers the same messages under the same key.
type Run struct {
	ID      string
	AgentID string
	Taken   []string // keys of the messages (see Pending)
}

// Key returns the idempotency key of the turn of the chat's run.
func (c Chat) Key() (idempotency.Key, error) {
	return idempotency.New(c.OrgID, "CHAT", c.ConnectionID+"/"+c.ChatID, c.Run.ID, nil)
}

// Pending is a message that waits in a chat.
type Pending struct {
	Key     string // sorts by time
	Message channel.Inbound
	At      time.Time // of arrival
}

// LeaseTime is the duration of a worker's lease on a chat without renewal.
const LeaseTime = 15 * time.Second

// MaxOutbox is how many messages that people of the business wrote to a contact may wait to be
// sent. The ids of all are in the chat's row, which has a limited size. The agent writes no answer
// while others wait, so it adds one at most.
const MaxOutbox = 100

// maxTaken is how many messages one turn answers; the transaction that ends the run changes
// two rows for each.
const maxTaken = 20

// longestQuiet bounds the wait for a quiet moment, in pauses: somebody who keeps writing is
// answered in between.
const longestQuiet = 5

// quietUntil returns when the turn for a message that is filed now may begin.
func (c Chat) quietUntil(pause time.Duration, now time.Time) time.Time {
	first := c.FirstPending
	if first.IsZero() {
		first = now
	}
	until := now.Add(pause)
	if end := first.Add(longestQuiet * pause); end.Before(until) {
		return end
	}
	return until
}

// ThreadID returns the id of a chat's thread with an agent. It names agent, connection and
// chat, so that the chat of a thread is found without a read.
func ThreadID(agentID string, r Ref) string {
	return strings.Join([]string{agentID, r.ConnectionID, r.ChatID}, ".")
}
