// Package twilio is a fake of Twilio for tests: it accepts messages, serves their media,
// lists an account's senders, and makes signed webhooks.
//
// It is strict: a request is refused unless it has exactly the parameters that Twilio
// documents, with the code that Twilio documents for it. The shapes come from Twilio's
// published OpenAPI documents (github.com/twilio/twilio-oai: twilio_api_v2010 with
// CreateMessage, FetchAccount, ListIncomingPhoneNumber, ListShortCode and FetchMedia,
// twilio_messaging_v1 with FetchService, and twilio_messaging_v2 with ListChannelsSender and
// CreateTypingIndicator), as twilio-python 9.13.0 has them. The codes come from the page
// "Error and Warning Dictionary", the fields of webhooks from "Twilio's Request to your
// Incoming Message Webhook URL" and "Outbound Message Status in Status Callbacks", and their
// signatures from "Webhooks Security".
package twilio

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// Account is an account with its senders.
type Account struct {
	SID      string
	Token    string
	Status   string // empty: active
	Senders  []Sender
	Contents []string // the SIDs of its content templates
}

// Sender is a number, a short code, a channel's sender or a messaging service.
type Sender struct {
	From           string // as in +15551234567, 12345, whatsapp:+15551234567, rcs:name or MG...
	WebhookURL     string
	Method         string // empty: POST
	ApplicationSID string // of a number
	Status         string // of a channel's sender; empty: ONLINE
	NoSMS          bool   // a number that can only call
	OnNumber       bool   // a messaging service that leaves messages to its numbers' webhooks
}

// Accepted is a message that the server took.
type Accepted struct {
	SID            string
	Account        string
	From, To       string
	Body           string
	ContentSID     string
	StatusCallback string

	ContentVariables string // JSON
}

// Reply answers a request in place of the server.
type Reply func(w http.ResponseWriter, r *http.Request)

// Server is a running fake. Its URL is the root of the API.
type Server struct {
	URL string

	cdn      string
	mu       sync.Mutex
	accounts map[string]Account
	accepted []Accepted
	typed    []string
	optedOut map[string]bool
	files    map[string]file
	before   []Reply
	after    []Reply
	taken    chan Accepted
}

// maxUnread is how many messages may be accepted without a Next.
const maxUnread = 10_000

// Start runs a server with the given accounts until the test ends.
func Start(tb testing.TB, accounts ...Account) *Server {
	tb.Helper()
	s := &Server{accounts: map[string]Account{}, optedOut: map[string]bool{}, files: map[string]file{}, taken: make(chan Accepted, maxUnread)}
	for _, a := range accounts {
		s.accounts[a.SID] = a
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /2010-04-01/Accounts/{sid}/Messages.json", s.send)
	mux.HandleFunc("GET /2010-04-01/Accounts/{sid}", s.account)
	mux.HandleFunc("GET /2010-04-01/Accounts/{sid}/IncomingPhoneNumbers.json", s.numbers)
	mux.HandleFunc("GET /2010-04-01/Accounts/{sid}/SMS/ShortCodes.json", s.shortCodes)
	mux.HandleFunc("GET /2010-04-01/Accounts/{sid}/Messages/{message}/Media/{media}", s.media)
	mux.HandleFunc("GET /v1/Services/{service}", s.service)
	mux.HandleFunc("GET /v2/Channels/Senders", s.senders)
	mux.HandleFunc("POST /v2/Indicators/Typing.json", s.typing)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { missing(r.URL.Path).write(w) })
	server := httptest.NewServer(mux)
	tb.Cleanup(server.Close)
	cdn := httptest.NewServer(http.HandlerFunc(s.serveFile))
	tb.Cleanup(cdn.Close)
	s.URL, s.cdn = server.URL, cdn.URL
	return s
}

// Accepted returns the messages that were taken, in order.
func (s *Server) Accepted() []Accepted {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Accepted(nil), s.accepted...)
}

// Next waits for the next message that is taken.
func (s *Server) Next(tb testing.TB) Accepted {
	tb.Helper()
	const patience = time.Minute
	select {
	case m := <-s.taken:
		return m
	case <-time.After(patience):
		tb.Fatalf("got no message in %s, want one", patience)
		return Accepted{}
	}
}

// Typed returns the messages for which a typing indicator was shown.
func (s *Server) Typed() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.typed...)
}

// OptOut makes the server refuse messages to an address, until OptIn.
func (s *Server) OptOut(to string) { s.opt(to, true) }

// OptIn ends what OptOut began.
func (s *Server) OptIn(to string) { s.opt(to, false) }

func (s *Server) opt(to string, out bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.optedOut[to] = out
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

// Error is a Reply with an error of Twilio's.
func Error(status, code int, message string) Reply {
	return func(w http.ResponseWriter, _ *http.Request) { failure{status, code, message}.write(w) }
}

func next(replies *[]Reply) Reply {
	if len(*replies) == 0 {
		return nil
	}
	r := (*replies)[0]
	*replies = (*replies)[1:]
	return r
}

// authorize returns the account of a request; sid is the one in its path, or empty.
func (s *Server) authorize(r *http.Request, sid string) (Account, *failure) {
	user, password, ok := r.BasicAuth()
	a, known := s.accounts[user]
	if !ok || !known || a.Token != password {
		return Account{}, &failure{http.StatusUnauthorized, 20003, "Authenticate"}
	}
	if sid != "" && sid != user {
		return Account{}, missing(r.URL.Path)
	}
	return a, nil
}

// find returns the sender of an address.
func (a Account) find(from string) (Sender, bool) {
	for _, s := range a.Senders {
		if s.From == from {
			return s, true
		}
	}
	return Sender{}, false
}

func (s Sender) method() string {
	if s.Method == "" {
		return http.MethodPost
	}
	return s.Method
}

func (s Sender) kind() string {
	kind, _, ok := strings.Cut(s.From, ":")
	switch {
	case ok:
		return kind
	case strings.HasPrefix(s.From, "MG"):
		return "service"
	case strings.HasPrefix(s.From, "+"):
		return "number"
	}
	return "short code"
}

func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}
