// Package ses is a fake of Amazon SES for tests: it accepts raw mails, and describes identities and
// the account.
//
// MiniStack's SES is the engine of most tests. It drops the bytes of a raw mail, its tags and
// most of its checks, and never throttles, pauses or loses an answer; this fake is for those. It
// is strict: a request is refused unless it is signed and has exactly the members and types of
// the API's model, and a mail unless it keeps the rules of the Developer Guide.
//
// The shapes come from AWS's model of the API (sesv2, 2019-09-27: SendEmail, GetEmailIdentity,
// GetAccount and their errors, as botocore and the SDK for Go publish it), from its page on
// RawMessage, and from "Amazon SES header fields" in the Developer Guide: the fields that must
// not occur twice, and that Message-ID and Date are replaced.
package ses

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"sync"
	"testing"
)

// Identity is an address or a domain that mail can be sent from.
type Identity struct {
	Name     string
	Verified bool
	Tags     map[string]string
}

// Account is the state of the account.
type Account struct {
	Sandbox     bool
	Paused      bool
	Enforcement string // empty: HEALTHY
}

// Accepted is a mail that the server took.
type Accepted struct {
	ID   string // as SendEmail returns it
	To   []string
	Tags map[string]string
	Sent []byte // the mail as its recipient gets it: with SES's own Message-ID and Date
}

// Reply answers a request in place of the server.
type Reply func(w http.ResponseWriter, r *http.Request)

// Server is a running fake.
type Server struct {
	URL string

	mu         sync.Mutex
	region     string
	account    Account
	identities map[string]Identity
	accepted   []Accepted
	reads      int
	before     []Reply
	after      []Reply
	onRead     []Reply
}

// Start runs a server of a region with the given identities until the test ends.
func Start(tb testing.TB, region string, identities ...Identity) *Server {
	tb.Helper()
	s := &Server{region: region, identities: map[string]Identity{}}
	s.Add(identities...)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v2/email/outbound-emails", s.signed(s.send))
	mux.HandleFunc("GET /v2/email/identities/{name}", s.signed(s.identity))
	mux.HandleFunc("GET /v2/email/account", s.signed(s.readAccount))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fail(w, http.StatusNotFound, "UnknownOperationException", fmt.Sprintf("no operation at %s %s", r.Method, r.URL.Path))
	})
	server := httptest.NewServer(mux)
	tb.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

// Add adds identities, or replaces those of the same name.
func (s *Server) Add(identities ...Identity) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, i := range identities {
		s.identities[i.Name] = i
	}
}

// SetAccount sets the state of the account.
func (s *Server) SetAccount(a Account) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.account = a
}

// Accepted returns the mails that were taken, in order.
func (s *Server) Accepted() []Accepted {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Accepted(nil), s.accepted...)
}

// Reads returns how often identities and the account were read.
func (s *Server) Reads() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reads
}

// Refuse makes the next send fail before the server looks at it.
func (s *Server) Refuse(r Reply) { s.add(&s.before, r) }

// Lose makes the next accepted send be answered by r: the mail is taken, and the client does not
// learn so.
func (s *Server) Lose(r Reply) { s.add(&s.after, r) }

// RefuseRead makes the next read of an identity or of the account fail.
func (s *Server) RefuseRead(r Reply) { s.add(&s.onRead, r) }

func (s *Server) add(to *[]Reply, r Reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	*to = append(*to, r)
}

// HangUp is a Reply that closes the connection without an answer.
func HangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// Error is a Reply with an error of the API.
func Error(status int, code, message string) Reply {
	return func(w http.ResponseWriter, _ *http.Request) { fail(w, status, code, message) }
}

func next(replies *[]Reply) Reply {
	if len(*replies) == 0 {
		return nil
	}
	r := (*replies)[0]
	*replies = (*replies)[1:]
	return r
}

// signed refuses requests without a signature for SES in the server's region.
func (s *Server) signed(do http.HandlerFunc) http.HandlerFunc {
	form := regexp.MustCompile(`^AWS4-HMAC-SHA256 Credential=[^/]+/[0-9]{8}/` + s.region + `/ses/aws4_request, SignedHeaders=[a-z0-9;-]+, Signature=[0-9a-f]{64}$`)
	return func(w http.ResponseWriter, r *http.Request) {
		if !form.MatchString(r.Header.Get("Authorization")) {
			fail(w, http.StatusForbidden, "MissingAuthenticationTokenException", "Missing Authentication Token")
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		do(w, r)
	}
}

func (s *Server) identity(w http.ResponseWriter, r *http.Request) {
	s.reads++
	if reply := next(&s.onRead); reply != nil {
		reply(w, r)
		return
	}
	name := r.PathValue("name")
	i, ok := s.identities[name]
	if !ok {
		fail(w, http.StatusNotFound, "NotFoundException", fmt.Sprintf("Email identity %s does not exist.", name))
		return
	}
	tags := []map[string]string{}
	for key, value := range i.Tags {
		tags = append(tags, map[string]string{"Key": key, "Value": value})
	}
	status := "PENDING"
	if i.Verified {
		status = "SUCCESS"
	}
	answer(w, map[string]any{"VerifiedForSendingStatus": i.Verified, "VerificationStatus": status, "FeedbackForwardingStatus": true, "Tags": tags})
}

func (s *Server) readAccount(w http.ResponseWriter, r *http.Request) {
	s.reads++
	if reply := next(&s.onRead); reply != nil {
		reply(w, r)
		return
	}
	enforcement := s.account.Enforcement
	if enforcement == "" {
		enforcement = "HEALTHY"
	}
	answer(w, map[string]any{
		"EnforcementStatus": enforcement, "ProductionAccessEnabled": !s.account.Sandbox, "SendingEnabled": !s.account.Paused,
		"SendQuota": map[string]float64{"Max24HourSend": 200, "MaxSendRate": 1, "SentLast24Hours": 0},
	})
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func fail(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-Errortype", code)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"message": message})
}
