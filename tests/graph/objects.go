package graph

import (
	"slices"
	"time"
)

// Object is what a webhook or a message is about, in Meta's words.
type Object string

// The objects.
const (
	WhatsApp  Object = "whatsapp_business_account"
	Instagram Object = "instagram"
	Messenger Object = "page"
)

// Number is a business's phone number and what belongs to it.
type Number struct {
	ID        string
	AccountID string // of the WhatsApp business account that owns the templates
	Token     string
	Templates []Template
	Status    string  // empty: CONNECTED
	Quality   string  // empty: GREEN
	Callback  string  // where its webhooks go instead of the app's URL; empty: nowhere else
	Blocked   *Health // nil: it can send
}

// Health is why something cannot send.
type Health struct {
	Entity   string // PHONE_NUMBER, WABA, BUSINESS or APP
	Code     int
	Message  string
	Solution string
}

// Page is a Facebook page.
type Page struct {
	ID        string
	Token     string
	Instagram string // the id of its Instagram account; empty: it has none
}

// Account is an Instagram account that logs in with Instagram.
type Account struct {
	ID    string // as in webhooks
	AppID string // in the scope of the app: another id of the same account
	Token string
}

// App is the app at Meta that all accounts belong to.
type App struct {
	ID       string
	Secret   string
	Webhooks map[Object]Subscription
}

// Subscription is where an app gets an object's webhooks.
type Subscription struct {
	URL    string
	Fields []string
}

// Grant is what a token may do. A token without one may do everything, for ever.
type Grant struct {
	Scopes  []string
	Expires time.Time // zero: never
	Invalid string    // why it is valid no more; empty: it is
}

// SetNumber adds a number, or replaces it.
func (s *Server) SetNumber(n Number) { set(s, s.numbers, n.ID, n) }

// AddTemplate adds a template to the account of a number.
func (s *Server) AddTemplate(numberID string, t Template) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.numbers[numberID]
	n.Templates = append(slices.Clone(n.Templates), t)
	s.numbers[numberID] = n
}

// SetPage adds a page, or replaces it.
func (s *Server) SetPage(p Page) { set(s, s.pages, p.ID, p) }

// SetAccount adds an account of Instagram Login, or replaces it.
func (s *Server) SetAccount(a Account) { set(s, s.accounts, a.ID, a) }

// SetGrant says what a token may do.
func (s *Server) SetGrant(token string, g Grant) { set(s, s.grants, token, g) }

// SetApp replaces the app.
func (s *Server) SetApp(a App) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.app = a
}

func set[V any](s *Server, in map[string]V, id string, value V) {
	s.mu.Lock()
	defer s.mu.Unlock()
	in[id] = value
}

// Subscribe subscribes the app to a page or an account.
func (s *Server) Subscribe(id string, fields ...string) { set(s, s.renewed, id, fields) }

// Renewed returns the fields that the app was subscribed to for a page or an account, and
// an empty list for a WhatsApp business account; nil: it was not subscribed.
func (s *Server) Renewed(id string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.renewed[id]
}
