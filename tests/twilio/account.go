package twilio

import (
	"net/http"
	"strings"
)

// open returns the account of a request, or answers it with what is wrong.
func (s *Server) open(w http.ResponseWriter, r *http.Request, sid string) (Account, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, failed := s.authorize(r, sid)
	if failed != nil {
		failed.write(w)
	}
	return a, failed == nil
}

func (s *Server) account(w http.ResponseWriter, r *http.Request) {
	sid, ok := strings.CutSuffix(r.PathValue("sid"), ".json")
	if !ok {
		missing(r.URL.Path).write(w)
		return
	}
	a, ok := s.open(w, r, sid)
	if !ok {
		return
	}
	status := a.Status
	if status == "" {
		status = "active"
	}
	write(w, http.StatusOK, map[string]any{"sid": a.SID, "status": status, "type": "Full", "friendly_name": "Shop", "owner_account_sid": a.SID})
}

// numbers lists the numbers that contain the one of the query.
func (s *Server) numbers(w http.ResponseWriter, r *http.Request) {
	a, ok := s.open(w, r, r.PathValue("sid"))
	if !ok {
		return
	}
	list := []any{}
	for _, n := range a.Senders {
		if n.kind() != "number" || !strings.Contains(n.From, r.URL.Query().Get("PhoneNumber")) {
			continue
		}
		list = append(list, map[string]any{
			"account_sid": a.SID, "phone_number": n.From, "sms_url": n.WebhookURL, "sms_method": n.method(),
			"sms_application_sid": n.ApplicationSID, "status": "in-use",
			"capabilities": map[string]bool{"sms": !n.NoSMS, "mms": !n.NoSMS, "voice": true, "fax": false},
		})
	}
	write(w, http.StatusOK, map[string]any{"incoming_phone_numbers": list, "page": 0, "page_size": 50, "next_page_uri": nil})
}

func (s *Server) shortCodes(w http.ResponseWriter, r *http.Request) {
	a, ok := s.open(w, r, r.PathValue("sid"))
	if !ok {
		return
	}
	list := []any{}
	for _, n := range a.Senders {
		if n.kind() == "short code" && strings.Contains(n.From, r.URL.Query().Get("ShortCode")) {
			list = append(list, map[string]any{"account_sid": a.SID, "short_code": n.From, "sms_url": n.WebhookURL, "sms_method": n.method()})
		}
	}
	write(w, http.StatusOK, map[string]any{"short_codes": list, "page": 0, "page_size": 50, "next_page_uri": nil})
}

func (s *Server) service(w http.ResponseWriter, r *http.Request) {
	a, ok := s.open(w, r, "")
	if !ok {
		return
	}
	n, ok := a.find(r.PathValue("service"))
	if !ok || n.kind() != "service" {
		missing(r.URL.Path).write(w)
		return
	}
	write(w, http.StatusOK, map[string]any{
		"sid": n.From, "account_sid": a.SID, "inbound_request_url": n.WebhookURL, "inbound_method": n.method(),
		"use_inbound_webhook_on_number": n.OnNumber,
	})
}

// senders lists the senders of a channel, one on each page.
func (s *Server) senders(w http.ResponseWriter, r *http.Request) {
	a, ok := s.open(w, r, "")
	if !ok {
		return
	}
	query := r.URL.Query()
	kind := query.Get("Channel")
	if kind != "whatsapp" && kind != "rcs" {
		invalid(20001, "Channel must be whatsapp or rcs").write(w)
		return
	}
	var all []any
	for _, n := range a.Senders {
		if n.kind() != kind {
			continue
		}
		status := n.Status
		if status == "" {
			status = "ONLINE"
		}
		all = append(all, map[string]any{
			"sid": "XE00000000000000000000000000000000", "sender_id": n.From, "status": status,
			"webhook": map[string]any{"callback_url": n.WebhookURL, "callback_method": n.method()},
		})
	}
	page, following := []any{}, any(nil)
	for i, sender := range all {
		if len(query.Get("PageToken")) == i {
			page = append(page, sender)
			if i < len(all)-1 {
				following = s.URL + "/v2/Channels/Senders?Channel=" + kind + "&PageToken=" + strings.Repeat("x", i+1)
			}
		}
	}
	write(w, http.StatusOK, map[string]any{"senders": page, "meta": map[string]any{"key": "senders", "page": len(query.Get("PageToken")), "next_page_url": following}})
}
