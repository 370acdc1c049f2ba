package meta

import "github.com/quintet-agents/quintet/shared/channel"

// service is one of Meta's products: its name in our texts, and what its codes call for.
type service struct {
	name string
	kind func(code, subcode int, transient bool) channel.Kind
}

var (
	whatsApp  = service{"WhatsApp", func(code, _ int, transient bool) channel.Kind { return kindOf(code, transient) }}
	instagram = service{"Instagram", messagingKind}
	messenger = service{"Messenger", messagingKind}
)

func (s service) unsent(cause error) *channel.SendError {
	return &channel.SendError{Kind: channel.Unsent, Message: s.name + " could not be reached; nothing was sent", Err: cause}
}

func (s service) unknown(cause error) *channel.SendError {
	return &channel.SendError{Kind: channel.Unknown, Message: "The answer of " + s.name + " was lost; the message may have been sent", Err: cause}
}

// unread is the failure of a request that only reads.
func (s service) unread(cause error) *channel.SendError {
	return &channel.SendError{Kind: channel.Unsent, Message: "The answer of " + s.name + " was lost or not readable", Err: cause}
}

func (s service) late() *channel.SendError {
	return &channel.SendError{Kind: channel.WindowClosed, Message: "The person's last message is over 24 hours old; " + s.name + " allows no answer to it"}
}
