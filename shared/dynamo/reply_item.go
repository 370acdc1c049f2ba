package dynamo

import (
	"encoding/json"
	"strings"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/inbox"
)

// replyRow is a message on its way to a contact, and later its delivery state.
type replyRow struct {
	PK string `dynamodbav:"pk"`
	SK string `dynamodbav:"sk"`

	ThreadID  string                  `dynamodbav:"thread_id"`
	ReplyTo   string                  `dynamodbav:"reply_to,omitempty"`
	Mail      string                  `dynamodbav:"mail,omitempty"` // JSON
	Human     bool                    `dynamodbav:"human,omitempty"`
	Unsplit   bool                    `dynamodbav:"unsplit,omitempty"`
	Parts     map[string]replyPartRow `dynamodbav:"parts"` // by number: a map's member can be changed alone
	Count     int                     `dynamodbav:"count"`
	CreatedAt string                  `dynamodbav:"created_at"`
}

type replyPartRow struct {
	Text     string       `dynamodbav:"text,omitempty"`
	Template *templateRow `dynamodbav:"template,omitempty"`
	State    string       `dynamodbav:"state,omitempty"`
	Attempt  string       `dynamodbav:"attempt,omitempty"`
	Message  string       `dynamodbav:"message_id,omitempty"`
	At       string       `dynamodbav:"at,omitempty"`
	Type     string       `dynamodbav:"price_type,omitempty"`
	Category string       `dynamodbav:"price_category,omitempty"`
	Code     int          `dynamodbav:"code,omitempty"`
	Reason   string       `dynamodbav:"reason,omitempty"`
}

func replyPartRowOf(p inbox.Part) replyPartRow {
	r := replyPartRow{
		Text: p.Text, Template: (*templateRow)(p.Template), State: string(p.State), Attempt: p.Attempt, Message: p.MessageID,
		Type: p.Price.Type, Category: p.Price.Category, Code: p.Code, Reason: p.Reason,
	}
	if !p.At.IsZero() {
		r.At = stamp(p.At)
	}
	return r
}

func (r replyPartRow) part() inbox.Part {
	return inbox.Part{
		Text: r.Text, Template: (*connection.Template)(r.Template), State: channel.State(r.State), Attempt: r.Attempt, MessageID: r.Message,
		At: unstamp(r.At), Price: channel.Price{Type: r.Type, Category: r.Category}, Code: r.Code, Reason: r.Reason,
	}
}

func partsOf(parts []inbox.Part) map[string]replyPartRow {
	rows := make(map[string]replyPartRow, len(parts))
	for n, p := range parts {
		rows[partName(n)] = replyPartRowOf(p)
	}
	return rows
}

func replyRowOf(r inbox.Reply) replyRow {
	at := replyKey(r.Ref, r.ID)
	row := replyRow{
		PK: at.pk, SK: at.sk, ThreadID: r.ThreadID, ReplyTo: r.ReplyTo, Human: r.Human, Unsplit: r.Unsplit,
		Parts: partsOf(r.Parts), Count: len(r.Parts), CreatedAt: stamp(r.CreatedAt),
	}
	if r.Mail != nil {
		if b, err := json.Marshal(r.Mail); err == nil { // texts always encode
			row.Mail = string(b)
		}
	}
	return row
}

func (r replyRow) reply(of inbox.Ref) (inbox.Reply, error) {
	out := inbox.Reply{
		Ref: of, ID: strings.TrimPrefix(r.SK, replySK), ThreadID: r.ThreadID, ReplyTo: r.ReplyTo, Human: r.Human, Unsplit: r.Unsplit, CreatedAt: unstamp(r.CreatedAt),
	}
	for n := range r.Count {
		out.Parts = append(out.Parts, r.Parts[partName(n)].part())
	}
	if r.Mail == "" {
		return out, nil
	}
	out.Mail = new(channel.MailHead)
	err := json.Unmarshal([]byte(r.Mail), out.Mail)
	return out, err
}
