package mcp

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/quintet-agents/quintet/shared/tool/pin"
)

// A list is used for as long as the server says, within these bounds: a server that says
// nothing, or 0, would otherwise be asked before each call.
const (
	shortestLife = time.Minute
	usualLife    = 5 * time.Minute
	longestLife  = time.Hour
)

const (
	maxServers = 200  // that are remembered
	maxListed  = 1000 // tools of a server
	maxPages   = 32
)

// list is what a server listed, and the session that it was read with. The calls that the list
// allows use the same session.
type list struct {
	session     *session
	definitions []pin.Definition
	hashes      map[string]string // by the server's names
	read        time.Time
	life        time.Duration
}

func (l *list) old(now time.Time) bool { return now.Sub(l.read) >= l.life }

// entry remembers the latest list of a server.
type entry struct {
	reading chan struct{} // holds a value while somebody reads the list

	mu   sync.Mutex
	list *list // nil: none, or its session is broken
	used time.Time
}

// entry returns the entry of a server. Servers differ when their address or headers do.
func (c *Client) entry(s Server) *entry {
	key, now := s.key(), c.now()
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.known[key]
	if !ok {
		if len(c.known) >= maxServers {
			c.forgetOldest()
		}
		e = &entry{reading: make(chan struct{}, 1)}
		c.known[key] = e
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.used = now
	return e
}

func (c *Client) forgetOldest() {
	var oldest string
	var since time.Time
	for key, e := range c.known {
		e.mu.Lock()
		if oldest == "" || e.used.Before(since) {
			oldest, since = key, e.used
		}
		e.mu.Unlock()
	}
	e := c.known[oldest]
	delete(c.known, oldest)
	e.drop(e.latest())
}

// key identifies a server. It has no secret in the clear, because the headers are sealed.
func (s Server) key() string {
	h := sha256.New()
	for _, part := range []string{s.OrgID, s.Tool.ID, s.Tool.URL} {
		h.Write([]byte(part + "\n"))
	}
	for _, name := range slices.Sorted(maps.Keys(s.Tool.SecretHeaders)) {
		h.Write([]byte(name + "\n" + hex.EncodeToString(s.Tool.SecretHeaders[name]) + "\n"))
	}
	return string(h.Sum(nil))
}

func (e *entry) latest() *list {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.list
}

// drop forgets a list and ends its session. It does nothing if another has replaced it.
func (e *entry) drop(l *list) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if l != nil && e.list == l {
		e.list = nil
		go l.session.close()
	}
}

// current returns a list that is not old, known or read now. Callers at the same time read it
// once.
func (e *entry) current(ctx context.Context, c *Client, s Server) (*list, error) {
	return e.get(ctx, c, s, false)
}

// read reads the list now.
func (e *entry) read(ctx context.Context, c *Client, s Server) (*list, error) {
	return e.get(ctx, c, s, true)
}

func (e *entry) get(ctx context.Context, c *Client, s Server, always bool) (*list, error) {
	select {
	case e.reading <- struct{}{}:
		defer func() { <-e.reading }()
	case <-ctx.Done():
		return nil, errSilent
	}
	before := e.latest()
	if before != nil && !always && !before.old(c.now()) {
		return before, nil
	}
	l, err := c.read(ctx, s)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.list != nil {
		go e.list.session.close()
	}
	e.list = l
	return l, nil
}

// read begins a session and reads all pages of the list. Its errors are in words for people
// and models.
func (c *Client) read(ctx context.Context, s Server) (*list, error) {
	w := &wire{next: c.next, headers: s.Headers}
	ctx, x, end := within(ctx, maxListAnswer)
	defer end()
	opened, err := c.sdk.Connect(ctx, &sdk.StreamableClientTransport{
		Endpoint:             s.Tool.URL,
		HTTPClient:           &http.Client{Transport: w, CheckRedirect: noRedirect},
		MaxRetries:           -1,
		DisableStandaloneSSE: true,
		MaxEventSize:         maxListAnswer,
	}, nil)
	if err != nil {
		return nil, x.explain(ctx, w, err)
	}
	l := &list{session: &session{sdk: opened, wire: w}, hashes: map[string]string{}, read: c.now(), life: longestLife}
	if err := l.fill(ctx); err != nil {
		go l.session.close()
		return nil, x.explain(ctx, w, err)
	}
	return l, nil
}

func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

var (
	errTooMany = errors.New("it lists more tools than are read")
	errNoTools = errors.New("its tools cannot be read")
)

func (l *list) fill(ctx context.Context) error {
	params := &sdk.ListToolsParams{}
	for range maxPages {
		page, err := l.session.sdk.ListTools(ctx, params)
		if err != nil {
			return err
		}
		l.life = min(l.life, lifeOf(page.TTLMs))
		for _, t := range page.Tools {
			if err := l.add(t); err != nil {
				return err
			}
		}
		if page.NextCursor == "" {
			return nil
		}
		params = &sdk.ListToolsParams{Cursor: page.NextCursor}
	}
	return errTooMany
}

// lifeOf returns how long a list may be used that its server gives so many milliseconds.
func lifeOf(ms int) time.Duration {
	if ms <= 0 {
		return usualLife
	}
	ms = min(ms, int(longestLife/time.Millisecond))
	return max(shortestLife, time.Duration(ms)*time.Millisecond)
}

// add adds a tool as the server describes it, without the values of the secret headers: what it
// says is shown, stored and given to the model. A name with such a value is nobody's to call.
func (l *list) add(t *sdk.Tool) error {
	if len(l.definitions) == maxListed {
		return errTooMany
	}
	mask := l.session.wire.mask
	d := pin.Definition{Name: mask(t.Name), Title: mask(t.Title), Description: mask(t.Description)}
	for _, member := range []struct {
		value any
		into  *json.RawMessage
	}{{t.InputSchema, &d.InputSchema}, {t.OutputSchema, &d.OutputSchema}, {t.Annotations, &d.Annotations}} {
		text, err := json.Marshal(member.value)
		if err != nil {
			return errNoTools
		}
		if string(text) != "null" {
			*member.into = maskJSON(text, mask)
		}
	}
	p, err := pin.Of(d)
	if err != nil {
		return errNoTools
	}
	if _, twice := l.hashes[d.Name]; twice {
		p.SHA256 = "listed twice" // and so it is no tool that somebody agreed to
	}
	l.definitions, l.hashes[d.Name] = append(l.definitions, d), p.SHA256
	return nil
}

// maskJSON masks the strings of a JSON value.
func maskJSON(text json.RawMessage, mask func(string) string) json.RawMessage {
	if mask(string(text)) == string(text) {
		return text
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		return nil
	}
	masked, _ := json.Marshal(maskStrings(value, mask)) // of JSON, so there is no error
	return masked
}

func maskStrings(value any, mask func(string) string) any {
	switch value := value.(type) {
	case string:
		return mask(value)
	case []any:
		for i := range value {
			value[i] = maskStrings(value[i], mask)
		}
	case map[string]any:
		masked := make(map[string]any, len(value))
		for name, inner := range value {
			masked[mask(name)] = maskStrings(inner, mask)
		}
		return masked
	}
	return value
}
