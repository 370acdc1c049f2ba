package flowgent

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/fault"
)

// templateFailure is the answer to a template that WhatsApp refused, or whose answer was
// lost.
type templateFailure struct {
	Error   string `json:"error"`
	Message string `json:"message"` // Meta's own, where it gave one
	Code    int    `json:"code"`    // Meta's own; 0 where it gave none
}

// failTemplate answers with a failure of the WhatsApp API. A throttled send says when to
// retry.
func failTemplate(w http.ResponseWriter, f *channel.SendError) error {
	if f.Kind == channel.Throttled {
		wire.RetryAfter(w, &fault.Error{RetryAfter: f.RetryAfter})
	}
	return wire.JSON(w, http.StatusBadGateway, templateFailure{Error: "WhatsApp API error", Message: f.Message, Code: f.Code})
}
