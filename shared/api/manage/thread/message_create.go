package thread

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/inbox"
)

// MessageCreate answers POST /threads/{id}/messages: a person's message to the contact of a thread. It
// goes out over the thread's channel after the answer.
func MessageCreate(auth wire.Authenticator, kept wire.Keeper, desk *inbox.Desk) http.Handler {
	return frame.Change(auth, identity.Caller.MayManage, kept, func(r *http.Request, caller identity.Caller, once *idempotency.Change) (inbox.Written, error) {
		id, err := threadID(r)
		if err != nil {
			return inbox.Written{}, err
		}
		fields, err := body.Read(r)
		if err != nil {
			return inbox.Written{}, err
		}
		content, err := readContent(fields)
		if err != nil {
			return inbox.Written{}, err
		}
		return desk.Write(r.Context(), once, caller.OrgID, caller.ID(), id, content)
	}, http.StatusCreated, shapeOfWritten)
}

func shapeOfWritten(w inbox.Written) messageShape {
	return shapeOfMessage(message{Message: w.Message(), author: w.Note.Author, reply: &w.Reply})
}

// readContent returns the text of a new message.
func readContent(fields body.Object) (string, error) {
	content, err := body.MessageText(fields.Allow("content"), "content")
	if err != nil {
		return "", err
	}
	if encoded, err := wire.Encode(content); err != nil || len(encoded) > maxEncoded {
		return "", fault.Field("content", "content must be at most %d bytes with the escapes of its control characters", maxEncoded)
	}
	return content, nil
}

// maxEncoded is the longest content as JSON, in bytes. The answer that an Idempotency-Key keeps
// must fit into an item of the table.
const maxEncoded = 300 << 10
