package inbox_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/turn"
)

// forgetful loses the outcomes of the first turns, which have settled.
type forgetful struct {
	turn.Runner
	losses int
}

func (f *forgetful) Run(ctx context.Context, in turn.Input, sink turn.Sink) (turn.Outcome, error) {
	out, err := f.Runner.Run(ctx, in, sink)
	if f.losses > 0 {
		f.losses--
		return turn.Outcome{}, errors.New("the response was lost")
	}
	return out, err
}

// answered is a user's text with its answer, and the reason if there is none.
type answered [3]string

func (d *desk) answers(address string) []answered {
	d.t.Helper()
	return d.answersIn(d.threadOf(address))
}

// answersIn returns what a thread has.
func (d *desk) answersIn(threadID string) []answered {
	d.t.Helper()
	var all []answered
	for _, x := range d.turnsOf(threadID) {
		all = append(all, answered{x.User, x.Assistant, x.Unanswered})
	}
	return all
}

// A run that waits when the agent is to be silent ends without an answer and without a charge.
// If its turn has settled, the thread has the answer, and it is not sent to a person who opted out.
func TestWorker_SilentDuringRun(t *testing.T) {
	yes := true
	optOut := func(d *desk) { d.patchContact("316", inbox.ContactPatch{OptedOut: &yes}) }
	handOver := func(d *desk) { d.handOver(d.threadOf("316"), true) }
	for name, c := range map[string]struct {
		silence func(*desk)
		settled bool
		want    []answered
		sent    []string
		reason  string // of the reply's part
	}{
		"opted out":                 {optOut, false, []answered{{"hello", "", "The person does not want to receive messages"}}, []string{}, ""},
		"handed over":               {handOver, false, []answered{{"hello", "", "A person of the business answers in this thread"}}, []string{}, ""},
		"opted out, turn settled":   {optOut, true, []answered{{"hello", "You said: hello", ""}}, []string{}, "The person does not want to receive messages"},
		"handed over, turn settled": {handOver, true, []answered{{"hello", "You said: hello", ""}}, []string{"You said: hello"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			d := openDesk(t)
			d.receive(d.message("m1", "316", "first"))
			d.drain(time.Minute)
			balance := d.Account(t, d.org).Available
			if c.settled {
				d.worker.Turns = &forgetful{d.engine, 1}
			} else {
				d.spend(balance)
			}
			d.receive(d.message("m2", "316", "hello"))
			d.drain(4 * time.Second)
			if chat, err := d.Store.Chat(t.Context(), d.chat("316")); err != nil || chat == nil || chat.Run == nil {
				t.Fatalf("got chat %+v, %v; want one with a run", chat, err)
			}
			if !c.settled {
				d.spend(-balance)
			}
			charged := balance - d.Account(t, d.org).Available
			c.silence(d)
			d.drain(time.Hour)
			want(t, "thread", c.want, d.answers("316")[1:])
			want(t, "sent", append([]string{"You said: first"}, c.sent...), d.phone.texts())
			want(t, "charged", charged, balance-d.Account(t, d.org).Available)
			if c.reason != "" {
				part := d.replyTo(1).Parts[0]
				want(t, "part", inbox.Part{State: channel.Failed, Reason: c.reason}, inbox.Part{State: part.State, Reason: part.Reason})
			}
			chat, err := d.Store.Chat(t.Context(), d.chat("316"))
			if err != nil || chat.Run != nil || chat.Pending != 0 || len(chat.Outbox) != 0 {
				t.Errorf("got chat %+v, %v; want no work left", chat, err)
			}
		})
	}
}

// frozen is a runner whose turn ends only after another worker has ended its run.
type frozen struct {
	turn.Runner
	meanwhile func()
	err       error
}

func (f *frozen) Run(ctx context.Context, in turn.Input, sink turn.Sink) (turn.Outcome, error) {
	if f.meanwhile != nil {
		during := f.meanwhile
		f.meanwhile = nil
		during()
	}
	out, err := f.Runner.Run(ctx, in, sink)
	f.err = err
	return out, err
}

// A worker that froze before its turn runs it no more after another one has ended the run
// without an answer.
func TestWorker_FrozenBeforeTurn(t *testing.T) {
	d := openDesk(t)
	balance := d.Account(t, d.org).Available
	yes := true
	runner := &frozen{Runner: d.engine}
	runner.meanwhile = func() {
		d.patchContact("316", inbox.ContactPatch{OptedOut: &yes})
		d.sleep(inbox.LeaseTime + time.Second)
		d.receive(d.message("m2", "316", "are you there?"))
		d.drain(time.Minute)
	}
	d.worker.Turns = runner
	d.receive(d.message("m1", "316", "hello"))
	d.drain(time.Minute)
	const reason = "The person does not want to receive messages"
	want(t, "thread", []answered{{"hello", "", reason}, {"are you there?", "", reason}}, d.answers("316"))
	if !errors.Is(runner.err, turn.ErrForgotten) {
		t.Errorf("got %v of the frozen worker's turn, want ErrForgotten", runner.err)
	}
	want(t, "charged", ledger.Credits(0), balance-d.Account(t, d.org).Available)
}
