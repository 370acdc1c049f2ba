package graph

import (
	"fmt"
	"net/http"
	"regexp"
)

// direct is a request to send over Instagram or Messenger.
type direct struct {
	Recipient struct {
		ID string `json:"id"`
	} `json:"recipient"`
	Type    string `json:"messaging_type"`
	Tag     string `json:"tag"`
	Message struct {
		Text     string `json:"text"`
		Metadata string `json:"metadata"`
	} `json:"message"`
	Action string `json:"sender_action"`
}

var (
	recipient    = object(fields{"id": matching(regexp.MustCompile(`^[0-9]{1,32}$`))})
	senderAction = object(fields{"recipient": recipient, "sender_action": oneOf("typing_on", "typing_off", "mark_seen")})
	tag          = oneOf("HUMAN_AGENT") // Meta ended the others on 2026-04-27
)

// The texts: Messenger counts characters and wants fewer than 2000, Instagram counts bytes.
var (
	messengerMessage = object(fields{
		"recipient": recipient, "messaging_type": oneOf("RESPONSE", "UPDATE", "MESSAGE_TAG"), "tag?": tag,
		"message": object(fields{"text": text(1999), "metadata?": text(999)}),
	})
	instagramMessage = object(fields{
		"recipient": recipient, "messaging_type?": oneOf("RESPONSE", "UPDATE", "MESSAGE_TAG"), "tag?": tag,
		"message": object(fields{"text": bytesOf(1000)}),
	})
)

func bytesOf(longest int) check {
	return func(at string, v any) string {
		if s, _ := v.(string); len(s) > longest {
			return fmt.Sprintf("%s must be at most %d bytes", at, longest)
		}
		return text(0)(at, v)
	}
}

// sendDirect takes a message of a page or an account. A page that has an Instagram account
// sends over Instagram: persons' ids do not show which service they belong to.
func (s *Server) sendDirect(w http.ResponseWriter, r *http.Request, kind Object, body []byte, marks bool) {
	id := r.PathValue("id")
	if kind == Messenger && s.pages[id].Instagram != "" {
		kind = Instagram
	}
	shape := messengerMessage
	switch {
	case marks:
		shape = senderAction
	case kind == Instagram:
		shape = instagramMessage
	}
	var m direct
	failed := decode(r, body, shape, &m)
	if failed == nil && (m.Type == "MESSAGE_TAG") != (m.Tag != "") {
		failed = invalid("tag and messaging_type MESSAGE_TAG belong together")
	}
	if failed == nil && s.blocked[m.Recipient.ID] {
		failed = &failure{status: http.StatusBadRequest, code: 551, subcode: 1545041, message: "(#551) This person isn't available right now."}
	}
	if failed == nil && !marks && s.closed[m.Recipient.ID] && m.Tag == "" {
		failed = outside(kind)
	}
	if failed != nil {
		failed.write(w)
		return
	}
	if marks {
		s.typed = append(s.typed, Typed{AccountID: id, Person: m.Recipient.ID, Action: m.Action})
		write(w, http.StatusOK, map[string]any{"recipient_id": m.Recipient.ID})
		return
	}
	taken := Accepted{
		Object: kind, NumberID: id, ID: fmt.Sprintf("m_%08d", len(s.accepted)+1),
		To: m.Recipient.ID, Text: m.Message.Text, Tag: m.Tag, Ref: m.Message.Metadata, Body: body,
	}
	s.accepted = append(s.accepted, taken)
	if reply := next(&s.after); reply != nil {
		reply(w, r)
		return
	}
	write(w, http.StatusOK, map[string]any{"recipient_id": taken.To, "message_id": taken.ID})
}

func outside(kind Object) *failure {
	subcode := 2018278
	if kind == Instagram {
		subcode = 2534022
	}
	return &failure{status: http.StatusBadRequest, code: 10, subcode: subcode, message: "(#10) This message is sent outside of allowed window."}
}
