package graph

import (
	"encoding/json"
	"net/http"
)

// mark is a request that sends no message.
type mark struct {
	Status    string `json:"status"`
	MessageID string `json:"message_id"`
	Typing    *struct {
		Type string `json:"type"`
	} `json:"typing_indicator"`
	Action string `json:"sender_action"`
}

// isMark reports whether a request marks messages as read or shows that somebody writes.
func isMark(body []byte) bool {
	var m mark
	return json.Unmarshal(body, &m) == nil && (m.Status != "" || m.Action != "")
}

var readMark = object(fields{
	"messaging_product": oneOf("whatsapp"), "status": oneOf("read"), "message_id": text(0),
	"typing_indicator?": object(fields{"type": oneOf("text")}),
})

func (s *Server) markRead(w http.ResponseWriter, r *http.Request, body []byte) {
	var m mark
	if failed := decode(r, body, readMark, &m); failed != nil {
		failed.write(w)
		return
	}
	s.typed = append(s.typed, Typed{AccountID: r.PathValue("id"), MessageID: m.MessageID, Action: m.Status, Indicator: m.Typing != nil})
	write(w, http.StatusOK, map[string]any{"success": true})
}
