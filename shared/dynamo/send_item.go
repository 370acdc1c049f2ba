package dynamo

import (
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/work"
)

// sendItem is the item of a send. The table collects it when it expires. While it has no outcome
// it is due when its process must be dead.
func sendItem(s channel.Send) item {
	at := sendKey(s.OrgID, s.ID)
	it := item{
		"pk": str(at.pk), "sk": str(at.sk), "org_id": str(s.OrgID), "id": str(s.ID), "attempt": str(s.Attempt),
		"connection_id": str(s.ConnectionID), "body": str(s.Digest), "state": str(string(s.State)),
		"at": num(s.At.UnixMilli()), "answer": str(string(s.Answer)), "agent_id": str(s.AgentID), "to": str(s.To), "name": str(s.Name), "template": str(s.Template), "text": str(s.Text),
		"expires": num(s.At.Add(channel.Life).Unix()),
	}
	if s.Kept > 0 {
		it["expires"], it["kept"] = num(s.At.Add(s.Kept).Unix()), num(int64(s.Kept/time.Second))
	}
	if s.Automation != "" {
		it["automation"] = str(s.Automation)
	}
	if s.State == channel.Sending {
		it["due_pk"] = str(dueInbox(connection.WhatsApp.Vendor()))
		it["due"] = num(s.At.Add(channel.SendTime + work.Grace).UnixMilli())
	}
	return it
}

func sendOf(it item) channel.Send {
	return channel.Send{
		OrgID: text(it["org_id"]), ID: text(it["id"]), Attempt: text(it["attempt"]), ConnectionID: text(it["connection_id"]),
		Digest: text(it["body"]), State: channel.State(text(it["state"])), At: time.UnixMilli(integer(it["at"])), Answer: []byte(text(it["answer"])),
		AgentID: text(it["agent_id"]), To: text(it["to"]), Name: text(it["name"]), Template: text(it["template"]), Text: text(it["text"]),
		Automation: text(it["automation"]), Kept: time.Duration(integer(it["kept"])) * time.Second,
	}
}
