package dynamo

import (
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
)

// sendItem is the item of a send. The table collects it when it expires.
func sendItem(s channel.Send) item {
	at := sendKey(s.OrgID, s.ID)
	return item{
		"pk": str(at.pk), "sk": str(at.sk), "org_id": str(s.OrgID), "id": str(s.ID), "attempt": str(s.Attempt),
		"connection_id": str(s.ConnectionID), "body": str(s.Digest), "state": str(string(s.State)),
		"at": num(s.At.UnixMilli()), "answer": str(string(s.Answer)), "agent_id": str(s.AgentID), "to": str(s.To), "name": str(s.Name), "template": str(s.Template), "text": str(s.Text),
		"expires": num(s.At.Add(channel.Life).Unix()),
	}
}

func sendOf(it item) channel.Send {
	return channel.Send{
		OrgID: text(it["org_id"]), ID: text(it["id"]), Attempt: text(it["attempt"]), ConnectionID: text(it["connection_id"]),
		Digest: text(it["body"]), State: channel.State(text(it["state"])), At: time.UnixMilli(integer(it["at"])), Answer: []byte(text(it["answer"])),
		AgentID: text(it["agent_id"]), To: text(it["to"]), Name: text(it["name"]), Template: text(it["template"]), Text: text(it["text"]),
	}
}
