// Package graph is a fake of Meta's Graph API for tests: it accepts messages of WhatsApp,
// Instagram and Messenger, and has the objects around them: numbers, pages, accounts,
// templates, media, tokens and subscriptions. It also makes the signed webhooks of Meta.
//
// It is strict: a request is refused unless it has exactly the fields, types and ids that
// Meta documents, and a template gets exactly the parameters that its definition has. The
// shapes of WhatsApp come from Meta's published OpenAPI document (github.com/facebook/openapi,
// business-messaging-api_v23.0.yaml: MessageRequest, TemplateObject, TemplateComponent,
// ParameterObject, MessageResponsePayload, PhoneNumberInfo, SubscribedApp, Retrieve Media URL,
// and the error form), and from Meta's pages for what that document does not have yet:
// "Template components", "Error codes", "Business-scoped user IDs", "Typing indicators" and
// "Messaging health status". Those of Instagram and Messenger come from the pages "Send API",
// "Sender actions", "Error codes" of the Messenger Platform, "Instagram API with Instagram
// login", "Debug-Token", "Application subscriptions" and "Securing graph API calls". Where the
// document's LanguageObject wants a policy, its own examples have none; both are accepted.
package graph

import (
	"encoding/json"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Accepted is a message that the server took.
type Accepted struct {
	Object   Object
	NumberID string // of the number, page or account that sent it
	ID       string
	To       string // a phone number, a user id, or the id of a person at Messenger or Instagram
	Text     string
	Template string // its name
	ReplyTo  string
	Tag      string
	Ref      string // biz_opaque_callback_data, or metadata at Messenger
	Body     []byte // the whole request
}

// Typed is a request to mark messages as read or to show that an answer is being written.
type Typed struct {
	AccountID string
	MessageID string // WhatsApp
	Person    string // Instagram and Messenger
	Action    string // read, mark_seen, typing_on or typing_off
	Indicator bool   // WhatsApp: with the typing indicator
}

// Reply answers a request in place of the server.
type Reply func(w http.ResponseWriter, r *http.Request)

// Server is a running fake. Its URL is the root of the API, without a version, and
// InstagramURL that of graph.instagram.com.
type Server struct {
	URL          string
	InstagramURL string

	mu        sync.Mutex
	app       App
	numbers   map[string]Number
	pages     map[string]Page
	accounts  map[string]Account
	grants    map[string]Grant
	contacts  map[string]string // the WhatsApp ids of numbers that have another
	hidden    map[string]string // the user ids of numbers
	closed    map[string]bool   // persons whose window has ended
	blocked   map[string]bool   // persons who cannot be reached
	media     map[string]*Media
	renewed   map[string][]string // the fields of subscribed_apps by object
	accepted  []Accepted
	typed     []Typed
	before    []Reply
	after     []Reply
	always    Reply
	listening *http.Server
	address   string
}

// Start runs a server with the given numbers until the test ends.
func Start(tb testing.TB, numbers ...Number) *Server {
	tb.Helper()
	s := &Server{
		app:     App{ID: "670843887433847", Secret: "a"},
		numbers: map[string]Number{}, pages: map[string]Page{}, accounts: map[string]Account{}, grants: map[string]Grant{},
		contacts: map[string]string{}, hidden: map[string]string{}, closed: map[string]bool{}, blocked: map[string]bool{},
		media: map[string]*Media{}, renewed: map[string][]string{},
	}
	for _, n := range numbers {
		s.numbers[n.ID] = n
	}
	listener, err := (&net.ListenConfig{}).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	s.address = listener.Addr().String()
	s.URL = "http://" + s.address
	s.InstagramURL = s.URL + "/instagram"
	s.serve(listener)
	tb.Cleanup(s.Down)
	return s
}

func (s *Server) serve(listener net.Listener) {
	server := &http.Server{Handler: s.handler(), ReadHeaderTimeout: time.Minute}
	s.mu.Lock()
	s.listening = server
	s.mu.Unlock()
	go func() { _ = server.Serve(listener) }()
}

// Down closes the server: nothing listens at its URL any more.
func (s *Server) Down() {
	s.mu.Lock()
	server := s.listening
	s.mu.Unlock()
	_ = server.Close()
}

// Up listens again after Down.
func (s *Server) Up(tb testing.TB) {
	tb.Helper()
	listener, err := (&net.ListenConfig{}).Listen(tb.Context(), "tcp", s.address)
	if err != nil {
		tb.Fatal(err)
	}
	s.serve(listener)
}

func (s *Server) handler() http.Handler {
	facebook, insta := http.NewServeMux(), http.NewServeMux()
	for pattern, serve := range map[string]func(http.ResponseWriter, *http.Request, host){
		"POST /{version}/{id}/messages":         s.send,
		"GET /{version}/{id}/message_templates": s.list,
		"GET /{version}/{id}/subscribed_apps":   s.subscribed,
		"POST /{version}/{id}/subscribed_apps":  s.subscribe,
		"GET /{version}/{id}/subscriptions":     s.subscriptions,
		"GET /{version}/debug_token":            s.debug,
		"GET /{version}/{id}":                   s.object,
		"/":                                     unsupported,
	} {
		facebook.HandleFunc(pattern, s.locked(serve, graphFacebook))
		insta.HandleFunc(pattern, s.locked(serve, graphInstagram))
	}
	facebook.HandleFunc("GET /download/of/{id}/{generation}", s.locked(s.download, graphFacebook))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/instagram/") {
			http.StripPrefix("/instagram", insta).ServeHTTP(w, r)
			return
		}
		facebook.ServeHTTP(w, r)
	})
}

// host is one of the two APIs.
type host string

const (
	graphFacebook  host = "graph.facebook.com"
	graphInstagram host = "graph.instagram.com"
)

func (s *Server) locked(serve func(http.ResponseWriter, *http.Request, host), at host) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.always != nil {
			s.always(w, r)
			return
		}
		serve(w, r, at)
	}
}

func unsupported(w http.ResponseWriter, r *http.Request, _ host) {
	invalid("Unsupported request: %s %s", r.Method, r.URL.Path).write(w)
}

// Accepted returns the messages that were taken, in order.
func (s *Server) Accepted() []Accepted {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Accepted(nil), s.accepted...)
}

// Typed returns the read marks and typing indicators that were taken, in order.
func (s *Server) Typed() []Typed {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Typed(nil), s.typed...)
}

// Contact sets the WhatsApp id of a phone number. Without one it is the number itself.
func (s *Server) Contact(number, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.contacts[number] = id
}

// Close ends the 24 hours after a person's last message, and Open starts them again.
func (s *Server) Close(person string) { s.mark(s.closed, person, true) }

// Open undoes Close.
func (s *Server) Open(person string) { s.mark(s.closed, person, false) }

// Block makes a person unreachable.
func (s *Server) Block(person string) { s.mark(s.blocked, person, true) }

func (s *Server) mark(set map[string]bool, person string, is bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	set[person] = is
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

// Always answers all requests by r, until it is nil.
func (s *Server) Always(r Reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.always = r
}

// HangUp is a Reply that closes the connection without an answer.
func HangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// Error is a Reply with an error of Meta's.
func Error(status, code int, message string) Reply { return ErrorIn(status, code, 0, message) }

// ErrorIn is a Reply with an error of Meta's that has a subcode.
func ErrorIn(status, code, subcode int, message string) Reply {
	return func(w http.ResponseWriter, _ *http.Request) {
		failure{status: status, code: code, subcode: subcode, message: message}.write(w)
	}
}

// Throttle is a Reply that asks to wait.
func Throttle(seconds int) Reply {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
		failure{status: http.StatusTooManyRequests, code: 130429, message: "(#130429) Rate limit hit"}.write(w)
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

func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}
