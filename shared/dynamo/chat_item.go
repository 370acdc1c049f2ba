package dynamo

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/inbox"
)

// chatRow is a chat's row. The attributes of work exist only while there is work.
type chatRow struct {
	OrgID      string   `dynamodbav:"org_id"`
	Channel    string   `dynamodbav:"channel"`
	Connection string   `dynamodbav:"connection_id"`
	ID         string   `dynamodbav:"id"`
	ContactID  string   `dynamodbav:"contact_id"`
	HandedOver bool     `dynamodbav:"handed_over,omitempty"`
	Pending    int      `dynamodbav:"pending,omitempty"`
	First      int64    `dynamodbav:"first_pending,omitempty"`
	Quiet      int64    `dynamodbav:"quiet_until,omitempty"`
	Run        *runRow  `dynamodbav:"run,omitempty"`
	Outbox     []string `dynamodbav:"outbox,omitempty,stringset"`
	Tries      int      `dynamodbav:"tries,omitempty"`
	Mail       string   `dynamodbav:"mail,omitempty"` // JSON
	Lease      string   `dynamodbav:"lease,omitempty"`
}

type runRow struct {
	ID      string   `dynamodbav:"id"`
	AgentID string   `dynamodbav:"agent_id"`
	Taken   []string `dynamodbav:"taken"`
}

func (r chatRow) chat() (inbox.Chat, error) {
	c := inbox.Chat{
		Ref:       inbox.Ref{OrgID: r.OrgID, Channel: connection.Channel(r.Channel), ConnectionID: r.Connection, ChatID: r.ID},
		ContactID: r.ContactID, HandedOver: r.HandedOver, Pending: r.Pending, FirstPending: ofMilli(r.First), QuietUntil: ofMilli(r.Quiet),
		Outbox: slices.Sorted(slices.Values(r.Outbox)), Tries: r.Tries, Lease: r.Lease,
	}
	if r.Run != nil {
		c.Run = &inbox.Run{ID: r.Run.ID, AgentID: r.Run.AgentID, Taken: r.Run.Taken}
	}
	if r.Mail == "" {
		return c, nil
	}
	c.Mail = new(channel.Mail)
	err := json.Unmarshal([]byte(r.Mail), c.Mail)
	return c, err
}

// ofMilli returns the time of a number of milliseconds, the zero time for 0.
func ofMilli(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// pendingRow is a message that waits in a chat.
type pendingRow struct {
	PK      string `dynamodbav:"pk"`
	SK      string `dynamodbav:"sk"`
	Message string `dynamodbav:"message"` // JSON
	At      string `dynamodbav:"at"`
}

// pendingName returns the name in the key of a waiting message.
func pendingName(sk string) string { return strings.TrimPrefix(sk, pendingSK) }
