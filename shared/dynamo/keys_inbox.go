package dynamo

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/inbox"
)

// receivedKey is a received update. Each has a partition of its own: they are many, and nobody
// lists them.
func receivedKey(r inbox.Ref) key {
	return key{inboxPK(r) + receivedMark + r.UpdateID, receivedSK}
}

// chatKey is a chat's own row. Its partition also has the messages that wait and the replies.
func chatKey(r inbox.Ref) key { return key{inboxPK(r) + chatMark + r.ChatID, chatSK} }

// inboxPK begins the partitions of a connection. It names the channel, so that a row that the
// index "due" shows can be passed to the workers of its channel.
func inboxPK(r inbox.Ref) string {
	return orgPK(r.OrgID) + inboxMark + string(r.Channel) + "#" + r.ConnectionID
}

const (
	inboxMark    = "#INBOX#"
	receivedMark = "#RECEIVED#"
	receivedSK   = "RECEIVED"
	chatMark     = "#CHAT#"
	chatSK       = "CHAT"
	pendingSK    = "IN#"
	replySK      = "OUT#"
)

// inboxOf reads the key of a row that receivedKey, chatKey or sendKey has made.
func inboxOf(at key) (inbox.Ref, bool) {
	if org, id, ok := strings.Cut(strings.TrimPrefix(at.pk, orgPK("")), sendMark); ok && at.sk == sendSK {
		return inbox.Ref{OrgID: org, SendID: id}, true
	}
	org, rest, ok := strings.Cut(strings.TrimPrefix(at.pk, orgPK("")), inboxMark)
	parts := strings.Split(rest, "#")
	if !ok || len(parts) != 4 {
		return inbox.Ref{}, false
	}
	r := inbox.Ref{OrgID: org, Channel: connection.Channel(parts[0]), ConnectionID: parts[1]}
	switch at.sk {
	case receivedSK:
		r.UpdateID = parts[3]
	case chatSK:
		r.ChatID = parts[3]
	default:
		return inbox.Ref{}, false
	}
	return r, true
}

// dueInbox is the partition of the index "due" for a vendor's updates and chats.
func dueInbox(v connection.Vendor) string { return "DUE#INBOX#" + string(v) }

// pendingKey is a message that waits in a chat; name sorts by time.
func pendingKey(r inbox.Ref, name string) key { return key{chatKey(r).pk, pendingSK + name} }

// replyKey is a reply of a chat, by the id of its message. The ids of a thread sort in order.
func replyKey(r inbox.Ref, id string) key { return key{chatKey(r).pk, replySK + id} }

// contactKey is a contact. Each has a partition of its own.
func contactKey(orgID, id string) key { return key{orgPK(orgID) + "#CONTACT#" + id, contactSK} }

const contactSK = "CONTACT"

// aliasKey is a name by which a contact or a message of a connection is found.
func aliasKey(orgID, connectionID, name string) key {
	const longest = 200 // bytes; longer names are ids of mails
	if len(name) > longest {
		sum := sha256.Sum256([]byte(name))
		name = "sha256:" + hex.EncodeToString(sum[:])
	}
	return key{orgPK(orgID) + "#ALIAS#" + connectionID + "#" + name, "ALIAS"}
}

// sendAlias is the name of a part that the provider knows by the id of a channel.Send.
func sendAlias(sendID string) string { return "send:" + sendID }

// postAlias is the name of a post by its id.
func postAlias(id string) string { return "post:" + id }

// messageAlias is the name of a message that the provider knows by an id.
func messageAlias(messageID string) string { return "message:" + messageID }
