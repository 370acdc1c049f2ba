package channel_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/meta"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/tests/graph"
)

// opener opens secrets that were stored as they are; what seals them has tests of its own.
type opener struct{}

func (opener) OpenCredential(_ context.Context, _ connection.Owner, _ string, sealed []byte) (string, error) {
	return string(sealed), nil
}

// shop is an org whose agent has a WhatsApp connection to a fake of Meta.
type shop struct {
	dynamotest.Table
	org        string
	agent      agent.Agent
	connection connection.Connection
	meta       *graph.Server
	outbox     channel.Outbox
	at         time.Time // the outbox's clock
}

func open(t *testing.T) *shop {
	t.Helper()
	s := &shop{Table: dynamotest.Open(t)}
	s.org = s.Org(t, 0)
	s.agent = s.Agent(t, s.org, "be brief")
	s.at = s.Now()
	s.meta = graph.Start(t, graph.Number{ID: "106540352242922", AccountID: "1", Token: "EAAGtokenOfShop", Templates: []graph.Template{{Name: "hello", Language: "en", Body: "Hello"}}})
	s.connection = s.connect(t, "EAAGtokenOfShop")
	s.outbox = channel.Outbox{
		Sends: s.Store, Connections: s.Store, Opener: opener{}, Now: func() time.Time { return s.at },
		Threads:   &inbox.Templates{Store: s.Store, Now: func() time.Time { return s.at }},
		Templates: meta.NewClient(http.DefaultClient, s.meta.URL, meta.DefaultVersion),
	}
	return s
}

func (s *shop) connect(t *testing.T, token string) connection.Connection {
	t.Helper()
	c := connection.Connection{
		ID: connection.NewID(), OrgID: s.org, AgentID: s.agent.ID, Channel: connection.WhatsApp, Name: "Shop", Credentials: 1,
		Identifiers: map[string]string{"phone_number_id": "106540352242922"}, Settings: connection.DefaultSettings(),
		RotatedAt: s.Now(), CreatedAt: s.Now(), UpdatedAt: s.Now(),
	}
	if err := s.Store.CreateConnection(t.Context(), nil, c, connection.Sealed{"access_token": []byte(token)}); err != nil {
		t.Fatal(err)
	}
	return c
}

// order returns an order of a template, under an idempotency key unless that is empty.
func (s *shop) order(t *testing.T, key, name string) channel.Order {
	t.Helper()
	o := channel.Order{OrgID: s.org, AgentID: s.agent.ID, To: "31612345678", Template: channel.Template{Name: name, Language: "en"}}
	if key != "" {
		k, err := idempotency.New(s.org, http.MethodPost, "/waba", key, []byte(name))
		if err != nil {
			t.Fatal(err)
		}
		o.Once = &k
	}
	return o
}

func kindOf(err error) channel.Kind {
	if f, ok := errors.AsType[*channel.SendError](err); ok {
		return f.Kind
	}
	return ""
}

// Without a key each call sends; a key sends once, and repeats Meta's answer.
func TestOutbox_Once(t *testing.T) {
	s := open(t)
	for range 2 {
		if _, replayed, err := s.outbox.Send(t.Context(), s.order(t, "", "hello")); err != nil || replayed {
			t.Fatalf("got %v, %v", replayed, err)
		}
	}
	first, replayed, err := s.outbox.Send(t.Context(), s.order(t, "k", "hello"))
	if err != nil || replayed {
		t.Fatalf("got %v, %v", replayed, err)
	}
	if err := s.Store.DeleteConnection(t.Context(), nil, s.org, s.connection.ID); err != nil { // a replay needs none
		t.Fatal(err)
	}
	again, replayed, err := s.outbox.Send(t.Context(), s.order(t, "k", "hello"))
	if err != nil || !replayed || string(again) != string(first) || !json.Valid(first) {
		t.Errorf("got %s, %v, %v, want %s again", again, replayed, err, first)
	}
	if _, _, err := s.outbox.Send(t.Context(), s.order(t, "k", "bye")); !errors.Is(err, idempotency.ErrMismatch) {
		t.Errorf("another body: got %v", err)
	}
	accepted := s.meta.Accepted()
	if len(accepted) != 3 || accepted[2].Ref != s.order(t, "k", "hello").Once.ID {
		t.Errorf("got %+v, want three messages, the last with the key's reference", accepted)
	}
}

// Many calls at once under one key send one message.
func TestOutbox_Race(t *testing.T) {
	s := open(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, _, err := s.outbox.Send(t.Context(), s.order(t, "k", "hello")); err != nil && !errors.Is(err, idempotency.ErrRunning) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := len(s.meta.Accepted()); n != 1 {
		t.Errorf("%d messages were sent", n)
	}
}

// A process that dies between the request and the record leaves a send that is first running
// and then unknown. It is never sent again.
func TestOutbox_Killed(t *testing.T) {
	s := open(t)
	killed := s.outbox
	killed.Templates = dying{s.outbox.Templates}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _, _ = killed.Send(t.Context(), s.order(t, "k", "hello"))
		t.Error("the process lived on")
	}()
	<-done
	if _, _, err := s.outbox.Send(t.Context(), s.order(t, "k", "hello")); !errors.Is(err, idempotency.ErrRunning) {
		t.Errorf("at once: got %v, want ErrRunning", err)
	}
	s.at = s.at.Add(channel.SendTime)
	for range 2 {
		if _, _, err := s.outbox.Send(t.Context(), s.order(t, "k", "hello")); kindOf(err) != channel.Unknown {
			t.Errorf("later: got %v, want Unknown", err)
		}
	}
	if n := len(s.meta.Accepted()); n != 1 {
		t.Errorf("%d messages were sent, want the one before the death", n)
	}
}

// dying sends, and dies before it can tell.
type dying struct{ channel.TemplateSender }

func (d dying) SendTemplate(ctx context.Context, from channel.Sender, m channel.Message) (channel.Receipt, error) {
	_, _ = d.TemplateSender.SendTemplate(ctx, from, m)
	runtime.Goexit()
	return channel.Receipt{}, nil
}

// A lost response is not retried under its key; a refusal is, because nothing was sent.
func TestOutbox_Failures(t *testing.T) {
	s := open(t)
	s.meta.Lose(graph.HangUp)
	for range 2 {
		if _, _, err := s.outbox.Send(t.Context(), s.order(t, "lost", "hello")); kindOf(err) != channel.Unknown {
			t.Errorf("got %v, want Unknown", err)
		}
	}
	s.meta.Refuse(graph.Error(http.StatusBadRequest, 130429, "(#130429) Rate limit hit"))
	if _, _, err := s.outbox.Send(t.Context(), s.order(t, "busy", "hello")); kindOf(err) != channel.Throttled {
		t.Errorf("got %v, want Throttled", err)
	}
	if _, replayed, err := s.outbox.Send(t.Context(), s.order(t, "busy", "hello")); err != nil || replayed {
		t.Errorf("after a refusal: got %v, %v", replayed, err)
	}
	if n := len(s.meta.Accepted()); n != 2 {
		t.Errorf("%d messages were sent, want 2", n)
	}
}

// A number that people report sends less, which its owner must know, until sends succeed for a while.
func TestOutbox_Slowed(t *testing.T) {
	s := open(t)
	status := func(want connection.Status) {
		t.Helper()
		if c, err := s.Store.Connection(t.Context(), s.org, s.connection.ID); err != nil || c.Status() != want || c.Stops() {
			t.Errorf("got %s, %v, problem %+v; want %s", c.Status(), err, c.Problem, want)
		}
	}
	s.meta.Refuse(graph.Error(http.StatusBadRequest, 131048, "Spam rate limit hit"))
	if _, _, err := s.outbox.Send(t.Context(), s.order(t, "", "hello")); kindOf(err) != channel.Throttled {
		t.Errorf("got %v, want Throttled", err)
	}
	status(connection.NeedsAttention)
	for _, later := range []struct {
		wait time.Duration
		want connection.Status
	}{{time.Minute, connection.NeedsAttention}, {time.Hour, connection.Active}} {
		s.at = s.at.Add(later.wait)
		if _, _, err := s.outbox.Send(t.Context(), s.order(t, "", "hello")); err != nil {
			t.Error(err)
		}
		status(later.want)
	}
}

// A token that ended marks the connection, which is then used only if there is no other.
func TestOutbox_Connections(t *testing.T) {
	s := open(t)
	if _, _, err := s.outbox.Send(t.Context(), channel.Order{OrgID: s.org, AgentID: "another", To: "31612345678"}); !errors.Is(err, channel.ErrNoConnection) {
		t.Errorf("another agent: got %v", err)
	}
	s.meta.Refuse(graph.Error(http.StatusUnauthorized, 190, "Error validating access token EAAGtokenOfShop"))
	if _, _, err := s.outbox.Send(t.Context(), s.order(t, "", "hello")); kindOf(err) != channel.Stopped {
		t.Errorf("got %v, want Stopped", err)
	}
	c, err := s.Store.Connection(t.Context(), s.org, s.connection.ID)
	if err != nil || c.Status() != connection.NeedsAttention || c.Problem.Code != "190" || strings.Contains(c.Problem.Message, "EAAGtokenOfShop") || c.Problem.Action == "" {
		t.Errorf("got %+v, %v", c.Problem, err)
	}
	if _, _, err := s.outbox.Send(t.Context(), s.order(t, "", "hello")); err != nil {
		t.Errorf("the only connection: %v", err)
	}
	s.connect(t, "wrong")
	if _, _, err := s.outbox.Send(t.Context(), s.order(t, "", "hello")); kindOf(err) != channel.Stopped {
		t.Errorf("got %v, want a refusal of the active connection's token", err)
	}
}
