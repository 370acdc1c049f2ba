package effect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/clip"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/shared/turn"
)

// Messages sends the texts of message steps. A text joins the thread of the person and the outbox
// of the chat, from which the worker of the channel sends it like any reply. The step ends when
// that has an outcome.
type Messages struct {
	Poster Poster
	Now    func() time.Time
}

// maxSubject is the longest line of a mail, in bytes.
const maxSubject = 998

// Poster adds posts. inbox.Poster implements it.
type Poster interface {
	Post(ctx context.Context, p inbox.Post) (*inbox.Reply, error)
}

// written is a message as the run shows it.
type written struct {
	ConnectionID string `json:"connection_id"`
	To           string `json:"to"`
	Subject      string `json:"subject,omitempty"`
	Text         string `json:"text"`
}

// posted is the output of a message step.
type posted struct {
	MessageID string `json:"message_id"` // of the thread
	ThreadID  string `json:"thread_id"`
	State     string `json:"state"`              // of its last part: sent, delivered, ...
	Template  string `json:"template,omitempty"` // that was sent in place of the text
}

func (m *Messages) do(ctx context.Context, r automation.Run, p automation.Position, id string) (input, output json.RawMessage, err error) {
	texts, err := p.Texts()
	if err != nil {
		return nil, nil, err
	}
	s := p.Step
	if input, err = automation.Encode(written{s.ConnectionID, texts["to"], texts["subject"], clip.Text(texts["text"], maxShown)}); err != nil {
		return nil, nil, err
	}
	switch {
	case strings.TrimSpace(texts["text"]) == "":
		return input, nil, failed("The text is empty")
	case len(texts["subject"]) > maxSubject:
		return input, nil, failed(fmt.Sprintf("The subject is longer than %d bytes", maxSubject))
	case len(texts["text"]) > turn.MaxText:
		return input, nil, failed(fmt.Sprintf("The text is longer than %d KiB", turn.MaxText>>10))
	}
	reply, err := m.Poster.Post(ctx, inbox.Post{
		ID: id, OrgID: r.OrgID, ConnectionID: s.ConnectionID, Automation: r.AutomationID, To: texts["to"], Subject: texts["subject"], Text: texts["text"],
	})
	if err != nil {
		return input, nil, unposted(err)
	}
	if f := m.look(*reply); f != nil {
		return input, nil, f
	}
	last := reply.Parts[len(reply.Parts)-1]
	out := posted{MessageID: reply.ID, ThreadID: reply.ThreadID, State: string(last.State)}
	if last.Template != nil {
		out.Template = last.Template.Name
	}
	output, err = automation.Encode(out)
	return input, output, err
}

// unposted returns the failure of a message that was not added. A fault of the store is returned
// as it is.
func unposted(err error) error {
	known, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return err
	}
	f := failed("The message was not sent: " + known.Shown())
	f.Again, f.After = known.RetryAfter > 0 || errors.Is(err, inbox.ErrOutboxFull), min(known.RetryAfter, maxAfter)
	return f
}

// The bounds of the pauses between two looks at a message that waits to be sent.
const leastPause, mostPause = 2 * time.Second, time.Minute

// look returns the failure that the parts of a message show, nil if all were sent.
func (m *Messages) look(r inbox.Reply) error {
	if len(r.Parts) == 0 {
		return failed(inbox.ErrPostErased.Message)
	}
	for _, p := range r.Parts {
		switch p.State {
		case channel.Lost:
			return &automation.FailedError{Message: "It is unknown whether the message was sent, so it is not sent again", Unknown: true}
		case channel.Failed:
			return failed("The message was not sent: " + p.Reason)
		}
	}
	for _, p := range r.Parts {
		if p.Open() || p.State == channel.Sending {
			pause := min(max(m.Now().Sub(r.CreatedAt)/2, leastPause), mostPause)
			return &automation.FailedError{Message: "The message waits to be sent, and may still be: its thread shows what becomes of it", Unknown: true, Held: true, After: pause}
		}
	}
	return nil
}
