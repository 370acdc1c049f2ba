// Package graph is a fake of Meta's Graph API for tests: it accepts WhatsApp templates and
// lists their definitions.
//
// It is strict: a request is refused unless it has exactly the fields, types and ids that
// Meta documents, and a template gets exactly the parameters that its definition has. The
// shapes come from Meta's published OpenAPI document (github.com/facebook/openapi,
// business-messaging-api_v23.0.yaml: TemplateMessage, TemplateObject, TemplateComponent,
// ParameterObject, MessageResponsePayload, and the error form), and from Meta's pages
// "Template components" and "Error codes" for what that document does not have yet: named
// parameters, further buttons and the codes. Where its LanguageObject wants a policy, its
// own examples have none; both are accepted.
package graph

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"sync"
	"testing"
)

// Number is a business's phone number and what belongs to it.
type Number struct {
	ID        string
	AccountID string // of the WhatsApp business account that owns the templates
	Token     string
	Templates []Template
}

// Accepted is a message that the server took.
type Accepted struct {
	NumberID string
	ID       string // the wamid
	To       string
	Template string
	Ref      string // biz_opaque_callback_data
	Body     []byte // the whole request
}

// Reply answers a request in place of the server.
type Reply func(w http.ResponseWriter, r *http.Request)

// Server is a running fake. Its URL is the root of the API, without a version.
type Server struct {
	URL string

	mu       sync.Mutex
	numbers  map[string]Number
	contacts map[string]string // the WhatsApp ids of numbers that have another
	accepted []Accepted
	before   []Reply
	after    []Reply
}

// Start runs a server with the given numbers until the test ends.
func Start(tb testing.TB, numbers ...Number) *Server {
	tb.Helper()
	s := &Server{numbers: map[string]Number{}, contacts: map[string]string{}}
	for _, n := range numbers {
		s.numbers[n.ID] = n
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /{version}/{id}/messages", s.send)
	mux.HandleFunc("GET /{version}/{id}/message_templates", s.list)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		invalid("Unsupported request: %s %s", r.Method, r.URL.Path).write(w)
	})
	server := httptest.NewServer(mux)
	tb.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

// Accepted returns the messages that were taken, in order.
func (s *Server) Accepted() []Accepted {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Accepted(nil), s.accepted...)
}

// Contact sets the WhatsApp id of a phone number. Without one it is the number itself.
func (s *Server) Contact(number, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.contacts[number] = id
}

// Refuse makes the next send fail before the server looks at it.
func (s *Server) Refuse(r Reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before = append(s.before, r)
}

// Lose makes the next accepted send be answered by r: the message is taken, and the client
// does not learn so.
func (s *Server) Lose(r Reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.after = append(s.after, r)
}

// HangUp is a Reply that closes the connection without an answer.
func HangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// Error is a Reply with an error of Meta's.
func Error(status, code int, message string) Reply {
	return func(w http.ResponseWriter, _ *http.Request) {
		failure{status: status, code: code, message: message}.write(w)
	}
}

func next(replies *[]Reply) Reply {
	if len(*replies) == 0 {
		return nil
	}
	r := (*replies)[0]
	*replies = (*replies)[1:]
	return r
}

// maxBody is the longest request that is read.
const maxBody = 4 << 20

func (s *Server) send(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if reply := next(&s.before); reply != nil {
		reply(w, r)
		return
	}
	number, failed := s.authorize(r, func(n Number) string { return n.ID })
	if failed != nil {
		failed.write(w)
		return
	}
	m, failed := readMessage(r, body)
	if failed == nil {
		failed = number.match(m)
	}
	if failed != nil {
		failed.write(w)
		return
	}
	taken := Accepted{
		NumberID: number.ID, ID: fmt.Sprintf("wamid.HBgL%08d", len(s.accepted)+1),
		To: m.To, Template: m.Template.Name, Ref: m.Ref, Body: body,
	}
	s.accepted = append(s.accepted, taken)
	if reply := next(&s.after); reply != nil {
		reply(w, r)
		return
	}
	contact := m.To
	if other, ok := s.contacts[m.To]; ok {
		contact = other
	}
	write(w, http.StatusOK, map[string]any{
		"messaging_product": "whatsapp",
		"contacts":          []any{map[string]any{"input": m.To, "wa_id": contact}},
		"messages":          []any{map[string]any{"id": taken.ID, "message_status": "accepted"}},
	})
}

var (
	versionForm = regexp.MustCompile(`^v[1-9][0-9]\.0$`)
	bearerForm  = regexp.MustCompile(`^Bearer (\S+)$`)
)

// authorize returns the number of a request, by the id that idOf returns.
func (s *Server) authorize(r *http.Request, idOf func(Number) string) (Number, *failure) {
	id := r.PathValue("id")
	if !versionForm.MatchString(r.PathValue("version")) {
		return Number{}, invalid("Unknown path components: /%s", r.PathValue("version"))
	}
	token := bearerForm.FindStringSubmatch(r.Header.Get("Authorization"))
	if token == nil {
		return Number{}, &failure{http.StatusUnauthorized, 104, "An access token is required to request this resource.", ""}
	}
	for _, n := range s.numbers {
		if idOf(n) != id {
			continue
		}
		if n.Token != token[1] {
			return Number{}, &failure{http.StatusUnauthorized, 190, "Malformed access token " + token[1], ""}
		}
		return n, nil
	}
	return Number{}, &failure{http.StatusBadRequest, 100, "Object with ID '" + id + "' does not exist", ""}
}

func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}
