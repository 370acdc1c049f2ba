package contract_test

import (
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/inbox"
)

// renewChats creates contacts: of WhatsApp one that wrote, one that never did and one that opted
// out, and one each of Twilio and mail.
func (w *world) renewChats(t *testing.T) {
	t.Helper()
	agentID := w.names["SECOND_AGENT"]
	of := map[connection.Channel]string{}
	for _, channel := range []connection.Channel{connection.WhatsApp, connection.Twilio, connection.Email} {
		name := "CHATS_OF_" + string(channel)
		if old := w.names[name]; old != "" {
			_ = w.Store.DeleteConnection(t.Context(), nil, w.org, old) // renewConnections may have deleted it
		}
		of[channel] = w.connection(t, w.org, agentID, channel)
		w.names[name] = of[channel]
	}
	chat := func(channel connection.Channel, c inbox.Contact) (contactID, threadID string) {
		c.OrgID, c.ConnectionID, c.Channel = w.org, of[channel], channel
		return w.chat(t, agentID, c)
	}
	w.names["CONTACT"], w.names["CHAT_THREAD"] = chat(connection.WhatsApp, inbox.Contact{Name: "Ann", LastSeen: w.Now()})
	w.names["SILENT_CONTACT"], w.names["SILENT_THREAD"] = chat(connection.WhatsApp, inbox.Contact{})
	_, w.names["OPTED_OUT_THREAD"] = chat(connection.WhatsApp, inbox.Contact{LastSeen: w.Now(), OptedOut: true})
	_, w.names["TWILIO_THREAD"] = chat(connection.Twilio, inbox.Contact{LastSeen: w.Now()})
	_, w.names["MAIL_THREAD"] = chat(connection.Email, inbox.Contact{LastSeen: w.Now()})
}

// chat stores a contact and a thread with the contact.
func (w *world) chat(t *testing.T, agentID string, c inbox.Contact) (contactID, threadID string) {
	t.Helper()
	c.ID = connection.NewID()
	c.Person = channel.Person{Address: c.ID}
	threadID, err := dynamotest.Chat(t.Context(), w.Store, agentID, c, w.Now().Add(-time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	return c.ID, threadID
}
