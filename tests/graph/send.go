package graph

import (
	"fmt"
	"io"
	"net/http"
)

// maxBody is the longest request that is read.
const maxBody = 4 << 20

// send takes a message, a read mark or a typing indicator.
func (s *Server) send(w http.ResponseWriter, r *http.Request, at host) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return
	}
	mark := isMark(body)
	if !mark {
		if reply := next(&s.before); reply != nil {
			reply(w, r)
			return
		}
	}
	id := r.PathValue("id")
	kind, token := s.ownerOf(id, at)
	if failed := s.authorize(r, at, token); failed != nil {
		failed.write(w)
		return
	}
	switch {
	case kind == WhatsApp && mark:
		s.markRead(w, r, body)
	case kind == WhatsApp:
		s.sendWhatsApp(w, r, body)
	default:
		s.sendDirect(w, r, kind, body, mark)
	}
}

func (s *Server) sendWhatsApp(w http.ResponseWriter, r *http.Request, body []byte) {
	number := s.numbers[r.PathValue("id")]
	m, failed := readMessage(r, body)
	if failed == nil {
		failed = s.reach(m)
	}
	if failed == nil && m.Template != nil {
		failed = number.match(m)
	}
	if failed != nil {
		failed.write(w)
		return
	}
	taken := Accepted{
		Object: WhatsApp, NumberID: number.ID, ID: fmt.Sprintf("wamid.HBgL%08d", len(s.accepted)+1),
		To: m.To + m.Recipient, Text: m.Text.Body, ReplyTo: m.Context.MessageID, Ref: m.Ref, Body: body,
	}
	if m.Template != nil {
		taken.Template = m.Template.Name
	}
	if m.To != "" {
		taken.To = m.To
	}
	s.accepted = append(s.accepted, taken)
	if reply := next(&s.after); reply != nil {
		reply(w, r)
		return
	}
	write(w, http.StatusOK, map[string]any{
		"messaging_product": "whatsapp",
		"contacts":          []any{s.contact(m)},
		"messages":          []any{map[string]any{"id": taken.ID, "message_status": "accepted"}},
	})
}

// contact returns the person of an answer: by number, which wins, or else by user id.
func (s *Server) contact(m message) map[string]any {
	if m.To == "" {
		return map[string]any{"input": m.Recipient, "user_id": m.Recipient}
	}
	contact := m.To
	if other, ok := s.contacts[m.To]; ok {
		contact = other
	}
	return map[string]any{"input": m.To, "wa_id": contact}
}

// reach returns the error of a person who cannot be reached, or not by a free text.
func (s *Server) reach(m message) *failure {
	for _, person := range []string{m.To, m.Recipient} {
		switch {
		case person == "":
		case s.blocked[person]:
			return &failure{status: http.StatusBadRequest, code: 131026, message: "(#131026) Message undeliverable"}
		case s.closed[person] && m.Template == nil:
			return &failure{status: http.StatusBadRequest, code: 131047, message: "(#131047) Re-engagement message", details: "More than 24 hours have passed since the customer last replied to this number"}
		}
	}
	return nil
}
