package ses

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/mail"
	"regexp"
	"strings"
	"time"
)

// maxBody is the longest request that is read.
const maxBody = 4 << 20

// request is SendEmail's, as far as the service may use it: other members are refused.
type request struct {
	Content struct {
		Raw struct{ Data []byte }
	}
	Destination struct{ ToAddresses []string }
	EmailTags   []struct{ Name, Value string }
}

func (s *Server) send(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return
	}
	if reply := next(&s.before); reply != nil {
		reply(w, r)
		return
	}
	taken, wrong := readRequest(body)
	if wrong != "" {
		fail(w, http.StatusBadRequest, "BadRequestException", wrong)
		return
	}
	if code, message := s.refuse(taken); code != "" {
		fail(w, http.StatusBadRequest, code, message)
		return
	}
	taken.ID = fmt.Sprintf("0100019ac%07d-4718d6c3-8547-4f89-a995-fa9a5d16749c-000000", len(s.accepted)+1)
	taken.Sent = s.replaceHead(taken.Sent, taken.ID)
	s.accepted = append(s.accepted, taken)
	if reply := next(&s.after); reply != nil {
		reply(w, r)
		return
	}
	answer(w, map[string]string{"MessageId": taken.ID})
}

var (
	tagForm     = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)
	addressForm = regexp.MustCompile(`^("[ -~]+"|[^\s@<>]+)@[A-Za-z0-9.-]+$`)
)

// readRequest reads a request, or returns what is wrong with it.
func readRequest(body []byte) (taken Accepted, wrong string) {
	var q request
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&q); err != nil {
		return Accepted{}, "the request is not of the model: " + err.Error()
	}
	taken = Accepted{To: q.Destination.ToAddresses, Tags: map[string]string{}, Sent: q.Content.Raw.Data}
	for _, tag := range q.EmailTags {
		if !tagForm.MatchString(tag.Name) || !tagForm.MatchString(tag.Value) {
			return Accepted{}, fmt.Sprintf("Invalid tag %s=%s", tag.Name, tag.Value)
		}
		taken.Tags[tag.Name] = tag.Value
	}
	if len(taken.To) == 0 || len(taken.To) > 50 {
		return Accepted{}, "a mail must have 1 to 50 recipients"
	}
	for _, to := range taken.To {
		if !addressForm.MatchString(to) || strings.ContainsFunc(to, func(r rune) bool { return r > '~' }) {
			return Accepted{}, "Illegal address: " + to
		}
	}
	return taken, checkMail(taken.Sent)
}

// once are the header fields that must not occur twice, of those that are sent.
var once = []string{"Auto-Submitted", "Content-Type", "Date", "From", "In-Reply-To", "Message-Id", "Precedence", "References", "Reply-To", "Sender", "Subject", "Mime-Version"}

func checkMail(raw []byte) string {
	for n, line := range bytes.Split(raw, []byte("\r\n")) {
		if len(line) > 998 || bytes.ContainsAny(line, "\r\n\x00") || bytes.ContainsFunc(line, func(r rune) bool { return r > '~' }) {
			return fmt.Sprintf("line %d is longer than 1000 characters, or not ASCII", n+1)
		}
	}
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return "the mail has no header and body: " + err.Error()
	}
	for _, name := range once {
		if len(m.Header[name]) > 1 {
			return "Duplicate header '" + name + "'."
		}
	}
	for _, name := range []string{"From", "To"} {
		if list, err := m.Header.AddressList(name); err != nil || len(list) != 1 {
			return "Missing required header '" + name + "'."
		}
	}
	if !strings.HasPrefix(m.Header.Get("Content-Type"), "multipart/alternative;") || m.Header.Get("Mime-Version") != "1.0" {
		return "the mail has no MIME version or type"
	}
	return ""
}

// refuse returns the error for a mail that the account may not send.
func (s *Server) refuse(taken Accepted) (code, message string) {
	if s.account.Enforcement == "SHUTDOWN" || s.account.Paused {
		return "SendingPausedException", "Sending is paused for your account."
	}
	m, err := mail.ReadMessage(bytes.NewReader(taken.Sent))
	if err != nil {
		return "BadRequestException", err.Error()
	}
	from, _ := m.Header.AddressList("From")
	checked := []string{from[0].Address}
	if s.account.Sandbox {
		checked = append(checked, taken.To...)
	}
	for _, address := range checked {
		if !s.verified(address) {
			return "MessageRejected", fmt.Sprintf("Email address is not verified. The following identities failed the check in region %s: %s", strings.ToUpper(s.region), address)
		}
	}
	return "", ""
}

func (s *Server) verified(address string) bool {
	_, domain, _ := strings.Cut(address, "@")
	for name := range maps.Keys(s.identities) {
		if s.identities[name].Verified && (name == address || name == domain || strings.HasSuffix(domain, "."+name)) {
			return true
		}
	}
	return false
}

var replaced = regexp.MustCompile(`(?m)^(Message-ID|Date): .*\r\n`)

// replaceHead returns a mail as its recipient gets it.
func (s *Server) replaceHead(raw []byte, id string) []byte {
	end := bytes.Index(raw, []byte("\r\n\r\n")) + 2
	domain := s.region
	if domain == "us-east-1" {
		domain = "email"
	}
	head := fmt.Sprintf("Message-ID: <%s@%s.amazonses.com>\r\nDate: %s\r\n", id, domain, time.Now().UTC().Format(time.RFC1123Z))
	return append(append([]byte(head), replaced.ReplaceAll(raw[:end], nil)...), raw[end:]...)
}
