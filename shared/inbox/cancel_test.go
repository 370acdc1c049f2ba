package inbox_test

import (
	"context"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/turn"
)

// cancelling is a model whose first turns are cancelled while it answers.
type cancelling struct {
	model.Provider
	cancel func()
	left   int
}

func (m *cancelling) Converse(ctx context.Context, req model.Request) (model.Reply, error) {
	if m.left == 0 {
		return m.Provider.Converse(ctx, req)
	}
	m.left--
	m.cancel()
	<-ctx.Done()
	return model.Reply{}, ctx.Err()
}

// A cancelled turn sends nothing, costs nothing if it produced nothing, and shows in the thread. The
// next message is answered. A worker that lost the outcome sends nothing, either.
func TestWorker_CancelledTurn(t *testing.T) {
	for name, losses := range map[string]int{"at once": 0, "after a lost outcome": 1} {
		t.Run(name, func(t *testing.T) {
			d := openDesk(t)
			before := d.Account(t, d.org).Balance()
			d.engine.LookEvery = 10 * time.Millisecond
			monitor := &turn.Monitor{Store: d.Store, Now: d.now}
			d.engine.Model = &cancelling{Provider: d.engine.Model, left: 1, cancel: func() {
				open, err := d.Store.OpenTurns(t.Context(), d.org)
				if err != nil {
					t.Error(err)
				}
				for id := range open {
					if _, err := monitor.Cancel(t.Context(), nil, identity.Caller{OrgID: d.org, KeyID: "k"}, id); err != nil {
						t.Error(err)
					}
				}
			}}
			d.worker.Turns = &forgetful{Runner: d.engine, losses: losses}
			d.receive(d.message("m1", "316", "hello"))
			d.drain(time.Minute)
			turns := d.turns("316")
			if len(turns) != 1 || turns[0].User != "hello" || turns[0].Reason() != turn.ErrCancelled.Message {
				t.Fatalf("got %+v, want one cancelled turn", turns)
			}
			if got := d.Account(t, d.org).Balance(); got != before {
				t.Errorf("got balance %s, want %s", got, before)
			}
			d.receive(d.message("m2", "316", "well?"))
			d.drain(time.Minute)
			want(t, "sent", []string{"You said: well?"}, d.phone.texts())
		})
	}
}
