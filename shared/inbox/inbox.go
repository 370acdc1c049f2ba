// Package inbox receives the messages of people over channels, has agents answer them, and
// sends the answers.
//
// A Receiver stores each Received update of a webhook with one conditional write, so that a
// redelivery has no effect, and wakes a Worker. The worker files a message in the Chat of its
// Contact, where it waits for a quiet moment. Then it takes a lease on the chat, runs one turn
// for all that waits, and stores the answer as a Reply. A reply is sent part by part; each part
// is recorded before it leaves.
//
// A process may die at any point, and another worker goes on from the chat's row: the run and
// its messages are stored before the turn, whose idempotency key is that of the run. A part
// whose outcome was lost is Lost until a status of the provider settles it; it is never sent
// again.
//
// The package knows no provider: package channel has their common terms.
package inbox

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/connection"
)

// Ref names a piece of work: a received update, a chat, a send without an outcome, or a
// verification of the connection.
type Ref struct {
	OrgID        string             `json:"org"`
	Channel      connection.Channel `json:"channel"`
	ConnectionID string             `json:"connection"`
	UpdateID     string             `json:"update,omitempty"`
	ChatID       string             `json:"chat,omitempty"`
	SendID       string             `json:"send,omitempty"` // without a channel and a connection
	Verify       *Verify            `json:"verify,omitempty"`
}

// Verify is a request to ask the provider about the account of a connection. It has no row: if
// its message is lost, its client asks again.
type Verify struct {
	ID         string `json:"id"`
	WebhookURL string `json:"webhook_url"`
}

// Org returns the id of the row's org.
func (r Ref) Org() string { return r.OrgID }

// Received is an update as it waits to be filed. After that it is kept for a while, so that
// redeliveries have no effect.
type Received struct {
	Ref
	Update channel.Update
	At     time.Time // of its arrival
}

// How long a received update is kept, so that redeliveries of it have no effect.
const (
	// Kept is longer than any provider redelivers. A message with an older time is not
	// answered (see TooOld), because its record may be gone.
	Kept = 8 * 24 * time.Hour

	// KeptWithoutTime is that of a message whose provider gives no time, such as Twilio: a
	// captured webhook is not recognized by its age.
	KeptWithoutTime = 400 * 24 * time.Hour
)

// TooOld is the age from which a message may be a captured webhook that is sent again: Meta
// redelivers for at most seven days. The rest up to Kept is for clocks that differ.
const TooOld = Kept - 12*time.Hour

// Life returns how long the record of an update is kept.
func (r Received) Life() time.Duration {
	if m := r.Update.Message; m != nil && m.At.IsZero() {
		return KeptWithoutTime
	}
	return Kept
}

// UpdateID returns the id of an update, the same for each redelivery. Corrections of a message
// find it by its id (see MessageUpdateID).
func UpdateID(u channel.Update) string {
	switch {
	case u.Message != nil:
		return MessageUpdateID(u.Message.ID)
	case u.Identity != nil:
		return digest("identity", u.Identity.ID)
	case u.Correction != nil:
		return digest("correction", u.Correction.ID)
	case u.Status != nil:
		return digest("status", u.Status.Ref, u.Status.MessageID, string(u.Status.State), u.Status.Person.Address, unix(u.Status.UpTo))
	case u.Preference != nil:
		p := u.Preference
		return digest("preference", p.Person.Address, p.Person.UserID, strconv.FormatBool(p.OptedOut), unix(p.At))
	}
	return ""
}

// MessageUpdateID returns the id of the update that reports a person's message.
func MessageUpdateID(messageID string) string { return digest("message", messageID) }

func unix(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }

// digest returns a short name for texts of any length.
func digest(texts ...string) string {
	h := sha256.New()
	for _, t := range texts {
		h.Write([]byte(strconv.Itoa(len(t)) + ":" + t))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
