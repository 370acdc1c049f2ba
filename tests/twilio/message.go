package twilio

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"
)

// parameters are those of CreateMessage.
var parameters = []string{
	"To", "StatusCallback", "ApplicationSid", "MaxPrice", "ProvideFeedback", "Attempt", "ValidityPeriod", "ForceDelivery",
	"ContentRetention", "AddressRetention", "SmartEncoded", "PersistentAction", "TrafficType", "ShortenUrls", "ScheduleType",
	"SendAt", "SendAsMms", "ContentVariables", "MessageIntent", "RiskCheck", "From", "FallbackFrom", "MessagingServiceSid",
	"Body", "MediaUrl", "ContentSid",
}

const userIDForm = `[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}`

var (
	recipientForm = regexp.MustCompile(`^(\+[1-9][0-9]{6,14}|whatsapp:(\+[1-9][0-9]{6,14}|` + userIDForm + `)|rcs:\+[1-9][0-9]{6,14})$`)
	contentForm   = regexp.MustCompile(`^HX[0-9a-f]{32}$`)
)

// maxText is the longest Body, in UTF-16 code units.
const maxText = 1600

func (s *Server) send(w http.ResponseWriter, r *http.Request) {
	form, failed := readForm(w, r)
	s.mu.Lock()
	defer s.mu.Unlock()
	if reply := next(&s.before); reply != nil {
		reply(w, r)
		return
	}
	account, refused := s.authorize(r, r.PathValue("sid"))
	if refused != nil {
		failed = refused
	}
	if failed == nil {
		failed = s.check(account, form)
	}
	if failed != nil {
		failed.write(w)
		return
	}
	m := Accepted{
		SID: fmt.Sprintf("SM%032x", len(s.accepted)+1), Account: account.SID, From: form.Get("From"), To: form.Get("To"),
		Body: form.Get("Body"), ContentSID: form.Get("ContentSid"), ContentVariables: form.Get("ContentVariables"), StatusCallback: form.Get("StatusCallback"),
	}
	service := form.Get("MessagingServiceSid")
	status, from := "queued", any(m.From)
	if service != "" {
		m.From, status, from = service, "accepted", nil
	}
	s.accepted = append(s.accepted, m)
	select {
	case s.taken <- m:
	default: // nobody calls Next
	}
	if reply := next(&s.after); reply != nil {
		reply(w, r)
		return
	}
	uri := "/2010-04-01/Accounts/" + account.SID + "/Messages/" + m.SID
	answer := map[string]any{
		"account_sid": account.SID, "api_version": "2010-04-01", "body": m.Body, "date_created": "Mon, 30 Nov 2026 12:00:00 +0000",
		"date_sent": nil, "date_updated": "Mon, 30 Nov 2026 12:00:00 +0000", "direction": "outbound-api", "error_code": nil,
		"error_message": nil, "from": from, "messaging_service_sid": nil, "num_media": "0", "num_segments": "1", "price": nil,
		"price_unit": "USD", "sid": m.SID, "status": status, "subresource_uris": map[string]string{"media": uri + "/Media.json"},
		"to": m.To, "uri": uri + ".json",
	}
	if service != "" {
		answer["messaging_service_sid"], answer["num_segments"] = service, "0"
	}
	write(w, http.StatusCreated, answer)
}

func readForm(w http.ResponseWriter, r *http.Request) (url.Values, *failure) {
	const maxBody = 1 << 20
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/x-www-form-urlencoded" {
		return nil, &failure{http.StatusUnsupportedMediaType, 20415, "Unsupported Media Type"}
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		return nil, invalid(20001, "%v", err)
	}
	for name, values := range r.PostForm {
		if len(values) != 1 {
			return nil, invalid(20001, "The parameter %s is given %d times", name, len(values))
		}
	}
	return r.PostForm, nil
}

func (s *Server) check(a Account, form url.Values) *failure {
	for name := range form {
		if !slices.Contains(parameters, name) {
			return invalid(20001, "The parameter %s is unknown", name)
		}
	}
	to, from, service := form.Get("To"), form.Get("From"), form.Get("MessagingServiceSid")
	switch {
	case to == "":
		return invalid(21604, "A 'To' phone number is required.")
	case !recipientForm.MatchString(to):
		return invalid(21211, "The 'To' number %s is not a valid phone number.", to)
	case from == "" && service == "":
		return invalid(21603, "A 'From' phone number is required.")
	case from != "" && service != "":
		return invalid(20001, "Both 'From' and 'MessagingServiceSid' are given")
	case to == from:
		return invalid(21266, "To and From number cannot be the same: %s", to)
	}
	if failed := a.checkSender(to, from, service); failed != nil {
		return failed
	}
	if failed := a.checkContent(form); failed != nil {
		return failed
	}
	if callback := form.Get("StatusCallback"); callback != "" {
		if u, err := url.Parse(callback); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			return invalid(21609, "The StatusCallback URL %s is not a valid URL.", callback)
		}
	}
	if s.optedOut[to] {
		return invalid(21610, "Attempt to send to unsubscribed recipient")
	}
	return nil
}

func (a Account) checkSender(to, from, service string) *failure {
	if service != "" {
		if sender, ok := a.find(service); !ok || sender.kind() != "service" {
			return invalid(21701, "The Messaging Service %s does not exist", service)
		}
		return nil
	}
	sender, ok := a.find(from)
	kind := func(address string) string {
		prefix, _, found := strings.Cut(address, ":")
		if !found {
			return ""
		}
		return prefix
	}
	switch {
	case !ok && kind(from) != "":
		return invalid(63007, "Twilio could not find a Channel with the specified From address")
	case !ok || sender.kind() == "service":
		return invalid(21606, "The 'From' phone number provided (%s) is not a valid message-capable Twilio phone number for this destination", from)
	case kind(from) != kind(to):
		return invalid(21910, "Invalid 'From' and 'To' pair: %s and %s are of different channels", from, to)
	case sender.NoSMS:
		return invalid(21661, "The 'From' number %s is not SMS-capable", from)
	}
	return nil
}

func (a Account) checkContent(form url.Values) *failure {
	body, content := form.Get("Body"), form.Get("ContentSid")
	switch {
	case content == "" && form.Get("ContentVariables") != "":
		return invalid(21654, "ContentSid is required with ContentVariables")
	case content != "" && (!contentForm.MatchString(content) || !slices.Contains(a.Contents, content)):
		return invalid(21655, "The ContentSid is Invalid")
	case content != "" && (form.Has("Body") || form.Has("MediaUrl")):
		return invalid(20001, "Body and MediaUrl must be left out with ContentSid")
	case content == "" && body == "" && form.Get("MediaUrl") == "":
		return invalid(21602, "Message body is required.")
	case len(utf16.Encode([]rune(body))) > maxText:
		return invalid(21617, "The concatenated message body exceeds the %d character limit", maxText)
	}
	if variables := form.Get("ContentVariables"); variables != "" && json.Unmarshal([]byte(variables), &map[string]string{}) != nil {
		return invalid(21656, "The ContentVariables parameter is invalid")
	}
	return nil
}

var messageForm = regexp.MustCompile(`^[SM]M[0-9a-f]{32}$`)

func (s *Server) typing(w http.ResponseWriter, r *http.Request) {
	form, failed := readForm(w, r)
	s.mu.Lock()
	defer s.mu.Unlock()
	_, refused := s.authorize(r, "")
	switch {
	case refused != nil:
		failed = refused
	case failed != nil:
	case len(form) != 2 || form.Get("channel") != "whatsapp" || !messageForm.MatchString(form.Get("messageId")):
		failed = invalid(20001, "messageId and channel whatsapp are required")
	}
	if failed != nil {
		failed.write(w)
		return
	}
	s.typed = append(s.typed, form.Get("messageId"))
	write(w, http.StatusOK, map[string]any{"success": true})
}
