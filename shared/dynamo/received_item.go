package dynamo

import (
	"encoding/json"
	"time"

	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/shared/work"
)

// receivedRow is a received update. When it is filed, its content is removed, and a message
// gets the place where it is.
type receivedRow struct {
	PK    string `dynamodbav:"pk"`
	SK    string `dynamodbav:"sk"`
	DuePK string `dynamodbav:"due_pk,omitempty"`
	Due   int64  `dynamodbav:"due,omitempty"`

	OrgID      string `dynamodbav:"org_id"`
	Channel    string `dynamodbav:"channel"`
	Connection string `dynamodbav:"connection_id"`
	ID         string `dynamodbav:"id"`
	Update     string `dynamodbav:"update,omitempty"` // JSON
	ReceivedAt string `dynamodbav:"received_at"`
	Expires    int64  `dynamodbav:"expires"`

	ChatID  string `dynamodbav:"chat_id,omitempty"`   // of a message that was filed
	Pending string `dynamodbav:"pending,omitempty"`   // its name there, while it waits
	Thread  string `dynamodbav:"thread_pk,omitempty"` // of a message that was answered or noted
	Turn    string `dynamodbav:"turn_sk,omitempty"`
	Text    string `dynamodbav:"text,omitempty"` // as it is in the turn, where messages can be corrected

	Corrected string `dynamodbav:"corrected,omitempty"` // when the person wrote its latest correction
}

func receivedRowOf(r inbox.Received) (receivedRow, error) {
	at := receivedKey(r.Ref)
	update, err := json.Marshal(r.Update)
	return receivedRow{
		PK: at.pk, SK: at.sk, DuePK: dueInbox(r.Channel.Vendor()), Due: r.At.Add(work.Grace).UnixMilli(),
		OrgID: r.OrgID, Channel: string(r.Channel), Connection: r.ConnectionID, ID: r.UpdateID,
		Update: string(update), ReceivedAt: stamp(r.At), Expires: r.At.Add(r.Life()).Unix(),
	}, err
}

func (r receivedRow) received() (inbox.Received, error) {
	out := inbox.Received{
		Ref: inbox.Ref{OrgID: r.OrgID, Channel: connection.Channel(r.Channel), ConnectionID: r.Connection, UpdateID: r.ID},
		At:  unstamp(r.ReceivedAt),
	}
	err := json.Unmarshal([]byte(r.Update), &out.Update)
	return out, err
}

// filedAt returns the time in a pending message's name: that of the provider, then that of
// arrival.
func filedAt(m time.Time, arrived time.Time, id string) string {
	if m.IsZero() || m.After(arrived) {
		m = arrived
	}
	return stamp(m) + "#" + stamp(arrived) + "#" + id
}
