package laws_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/thread"
	"github.com/quintet-agents/quintet/shared/turn"
	"github.com/quintet-agents/quintet/tests/document"
)

// A cancelled turn ends over every surface with a conflict that says so: in the stream after what was
// told, or as the whole answer. What was told is paid and kept, and a retry gets the same answer.
func TestSurfaces_CancelledTurn(t *testing.T) {
	doc, err := document.Load()
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string]string{
		flapjackStream.function: "CONFLICT", agentflowStream.function: "conflict", flexyagentsStream.function: "CONFLICT", flowgentWhole.function: "Conflict",
	}
	w := newWorld(t)
	w.engine.LookEvery = 10 * time.Millisecond
	available := fortune
	for _, forms := range surfaces {
		for _, s := range forms {
			t.Run(s.name, func(t *testing.T) {
				threadID := thread.NewID(w.agent.ID)
				if err := w.Store.CreateThread(t.Context(), nil, thread.Thread{ID: threadID, OrgID: w.org, AgentID: w.agent.ID, CreatedAt: time.Now()}); err != nil {
					t.Fatal(err)
				}
				w.player.play(script{rounds: []round{{pieces: []string{"one ", "two"}}}})
				w.player.hangs = func() { w.cancelAll(t) }
				r, sent := w.request(http.MethodPost, s.path(w, threadID), s.body("hi", threadID), s.name)
				a := w.send(r)
				if err := doc.Check(document.Exchange{Request: r, Sent: sent, Status: a.status, Header: a.header, Body: []byte(a.body)}); err != nil {
					t.Error(err)
				}
				told, err := s.read(a)
				status, kept := http.StatusConflict, ""
				if !s.whole {
					status, kept = http.StatusOK, "one two"
				}
				if err != nil || a.status != status || told.failure != codes[s.function] || !strings.Contains(a.body, turn.ErrCancelled.Message) {
					t.Errorf("got %v, %d %s, want %d with %s", err, a.status, a.body, status, codes[s.function])
				}
				turns, err := w.Store.TurnsAfter(t.Context(), thread.Thread{OrgID: w.org, ID: threadID}, 0, 10)
				if err != nil || len(turns) != 1 || !turns[0].Cancelled || turns[0].Assistant != kept || (turns[0].Charge > 0) != !s.whole {
					t.Fatalf("got %+v, %v; want one cancelled turn with %q", turns, err, kept)
				}
				available -= turns[0].Charge
				r, _ = w.request(http.MethodPost, s.path(w, threadID), s.body("hi", threadID), s.name)
				again := w.send(r)
				if d := cmp.Diff(a.body, again.body); d != "" || again.header.Get("Idempotency-Replayed") != "true" {
					t.Errorf("replay (-want +got):\n%s", d)
				}
			})
		}
	}
	account, err := w.Store.Account(t.Context(), w.org)
	if err != nil || account.Available != available || len(account.Open) != 0 {
		t.Errorf("got %s available, open turns %v, %v; want %s and none", account.Available, account.Open, err, available)
	}
}

// cancelAll cancels the org's running turns.
func (w *world) cancelAll(t *testing.T) {
	open, err := w.Store.OpenTurns(t.Context(), w.org)
	if err != nil {
		t.Error(err)
	}
	m := &turn.Monitor{Store: w.Store, Now: time.Now}
	for id := range open {
		if _, err := m.Cancel(t.Context(), nil, identity.Caller{OrgID: w.org, KeyID: "k"}, id); err != nil {
			t.Error(err)
		}
	}
}
