package graph

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// object answers with the fields that are asked for of a number, a page, an account or a file.
func (s *Server) object(w http.ResponseWriter, r *http.Request, at host) {
	id := r.PathValue("id")
	node, token := s.node(id, at)
	if node == nil {
		s.me(w, r, at, id)
		return
	}
	if failed := s.authorize(r, at, token); failed != nil {
		failed.write(w)
		return
	}
	s.show(w, r, id, node)
}

// me answers for the object behind the token, and for files.
func (s *Server) me(w http.ResponseWriter, r *http.Request, at host, id string) {
	token, failed := s.bearer(r)
	if failed != nil {
		failed.write(w)
		return
	}
	if m, ok := s.media[id]; ok && at == graphFacebook {
		s.mediaURL(w, r, m, token)
		return
	}
	if id == "me" {
		if id, node := s.behind(token, at); node != nil {
			r.SetPathValue("id", id)
			if failed := s.authorize(r, at, token); failed != nil {
				failed.write(w)
				return
			}
			s.show(w, r, id, node)
			return
		}
	}
	unknownObject(id).write(w)
}

// behind returns the object that a token belongs to: /me.
func (s *Server) behind(token string, at host) (string, map[string]any) {
	if at == graphInstagram {
		for id, a := range s.accounts {
			if a.Token == token {
				node, _ := s.node(id, at)
				return id, node
			}
		}
		return "", nil
	}
	for id, p := range s.pages {
		if p.Token == token {
			node, _ := s.node(id, at)
			return id, node
		}
	}
	for _, n := range s.numbers {
		if n.Token == token { // a system user's
			return "122102000000000000", map[string]any{"name": "System user"}
		}
	}
	return "", nil
}

// node returns the fields of an object, without its id, and its token.
func (s *Server) node(id string, at host) (map[string]any, string) {
	if at == graphInstagram {
		a, ok := s.accounts[id]
		if !ok {
			return nil, ""
		}
		return map[string]any{"user_id": a.ID, "username": "shop", "account_type": "BUSINESS"}, a.Token
	}
	if n, ok := s.numbers[id]; ok {
		return s.numberNode(n), n.Token
	}
	for _, p := range s.pages {
		switch id {
		case p.ID:
			node := map[string]any{"name": "Shop"}
			node["instagram_business_account"] = nil
			if p.Instagram != "" {
				node["instagram_business_account"] = map[string]any{"id": p.Instagram}
			}
			return node, p.Token
		case p.Instagram:
			return map[string]any{"username": "shop", "name": "Shop"}, p.Token
		}
	}
	return nil, ""
}

func (s *Server) numberNode(n Number) map[string]any {
	webhooks := map[string]any{"application": s.app.Webhooks[WhatsApp].URL}
	if n.Callback != "" {
		webhooks["phone_number"] = n.Callback
	}
	return map[string]any{
		"display_phone_number": "+1 631-555-5555", "verified_name": "Shop", "quality_rating": or(n.Quality, "GREEN"),
		"status": or(n.Status, "CONNECTED"), "platform_type": "CLOUD_API", "name_status": "APPROVED",
		"code_verification_status": "VERIFIED", "webhook_configuration": webhooks, "health_status": s.health(n),
	}
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// health returns whether each object that a message passes through can send.
func (s *Server) health(n Number) map[string]any {
	entities, overall := []any{}, "AVAILABLE"
	for _, e := range [][2]string{{"PHONE_NUMBER", n.ID}, {"WABA", n.AccountID}, {"BUSINESS", "2729063490586005"}, {"APP", s.app.ID}} {
		entity := map[string]any{"entity_type": e[0], "id": e[1], "can_send_message": "AVAILABLE"}
		if n.Blocked != nil && n.Blocked.Entity == e[0] {
			overall = "BLOCKED"
			entity["can_send_message"] = overall
			entity["errors"] = []any{map[string]any{"error_code": n.Blocked.Code, "error_description": n.Blocked.Message, "possible_solution": n.Blocked.Solution}}
		}
		entities = append(entities, entity)
	}
	return map[string]any{"can_send_message": overall, "entities": entities}
}

// show answers with the fields of the query. Those that are nil are left out, as Meta does.
func (s *Server) show(w http.ResponseWriter, r *http.Request, id string, node map[string]any) {
	answer := map[string]any{"id": id}
	if a, ok := s.accounts[id]; ok && node["user_id"] != nil {
		answer["id"] = a.AppID
	}
	for field := range strings.SplitSeq(r.URL.Query().Get("fields"), ",") {
		value, ok := node[field]
		switch {
		case field == "id" || field == "":
		case !ok:
			failure{status: http.StatusBadRequest, code: 100, message: "(#100) Tried accessing nonexisting field (" + field + ")"}.write(w)
			return
		case value != nil:
			answer[field] = value
		}
	}
	write(w, http.StatusOK, answer)
}

// debug answers with what a token may do.
func (s *Server) debug(w http.ResponseWriter, r *http.Request, at host) {
	token, failed := s.bearer(r)
	if failed == nil && at == graphInstagram {
		failed = invalid("%s has no debug_token", at)
	}
	if failed != nil {
		failed.write(w)
		return
	}
	if _, known := s.behind(token, at); known == nil {
		failure{status: http.StatusBadRequest, code: 190, message: "Invalid OAuth access token."}.write(w)
		return
	}
	if why := s.grants[token].Invalid; why != "" {
		expired(why).write(w)
		return
	}
	input := r.URL.Query().Get("input_token")
	grant, granted := s.grants[input]
	if _, node := s.behind(input, at); node == nil || grant.Invalid != "" {
		write(w, http.StatusOK, map[string]any{"data": map[string]any{
			"is_valid": false, "scopes": []any{}, "error": map[string]any{"code": 190, "message": or(grant.Invalid, "Malformed access token")},
		}})
		return
	}
	data := map[string]any{"app_id": s.app.ID, "type": "SYSTEM_USER", "is_valid": true, "expires_at": 0, "data_access_expires_at": 0, "scopes": grant.Scopes}
	if !granted {
		data["scopes"] = []string{
			"whatsapp_business_messaging", "whatsapp_business_management", "pages_messaging", "pages_manage_metadata",
			"pages_show_list", "instagram_basic", "instagram_manage_messages",
		}
	}
	if !grant.Expires.IsZero() {
		data["expires_at"] = grant.Expires.Unix()
	}
	for id, p := range s.pages {
		if p.Token == input {
			data["type"], data["profile_id"] = "PAGE", id
		}
	}
	write(w, http.StatusOK, map[string]any{"data": data})
}

// subscriptions answers with where the app gets its webhooks. It takes the app's own token.
func (s *Server) subscriptions(w http.ResponseWriter, r *http.Request, at host) {
	token, failed := s.bearer(r)
	switch {
	case failed != nil:
	case r.PathValue("id") != s.app.ID || at == graphInstagram:
		failed = unknownObject(r.PathValue("id"))
	case token != s.app.ID+"|"+s.app.Secret:
		failed = &failure{status: http.StatusBadRequest, code: 190, message: "Invalid OAuth access token signature."}
	}
	if failed != nil {
		failed.write(w)
		return
	}
	data := []any{}
	for object, sub := range s.app.Webhooks {
		shown := []any{}
		for _, name := range sub.Fields {
			shown = append(shown, map[string]any{"name": name, "version": "v25.0"})
		}
		data = append(data, map[string]any{"object": object, "callback_url": sub.URL, "active": true, "fields": shown})
	}
	write(w, http.StatusOK, map[string]any{"data": data})
}

// subscribed answers with the apps that get the webhooks of an account or a page.
func (s *Server) subscribed(w http.ResponseWriter, r *http.Request, at host) {
	id := r.PathValue("id")
	if failed := s.authorize(r, at, s.subscriberToken(id, at)); failed != nil {
		failed.write(w)
		return
	}
	data := []any{}
	if names, ok := s.renewed[id]; ok {
		data = append(data, map[string]any{"id": s.app.ID, "name": "App", "subscribed_fields": names})
	}
	write(w, http.StatusOK, map[string]any{"data": data})
}

// subscriberToken returns the token of what an app can be subscribed to.
func (s *Server) subscriberToken(id string, at host) string {
	if at == graphInstagram {
		return s.accounts[id].Token
	}
	if p, ok := s.pages[id]; ok {
		return p.Token
	}
	return s.accountToken(id)
}

// pageFields are the fields that a page or an account can be subscribed to, as far as they
// are about messages.
var pageFields = []string{
	"messages", "messaging_postbacks", "messaging_seen", "message_reactions", "message_echoes", "message_deliveries", "message_reads",
	"message_edits", "messaging_referrals", "messaging_optins", "standby", "feed",
}

// subscribe subscribes the app. A page or an account wants fields, which replace the present ones.
func (s *Server) subscribe(w http.ResponseWriter, r *http.Request, at host) {
	id := r.PathValue("id")
	failed := s.authorize(r, at, s.subscriberToken(id, at))
	names := strings.Split(r.URL.Query().Get("subscribed_fields"), ",")
	if s.accountToken(id) != "" && at == graphFacebook {
		names = []string{}
	}
	for _, name := range names {
		if !slices.Contains(pageFields, name) && failed == nil {
			failed = invalid("subscribed_fields: %s is none", strconv.Quote(name))
		}
	}
	if failed != nil {
		failed.write(w)
		return
	}
	s.renewed[id] = names
	write(w, http.StatusOK, map[string]any{"success": true})
}
