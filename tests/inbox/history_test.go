package inbox_test

import (
	"context"
	"flag"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/work"
	"github.com/quintet-agents/quintet/tests/mortal"
)

var (
	histories = flag.Int("histories", 50, "number of random histories")
	seed      = flag.Uint64("seed", 1, "seed of the first history; 0: a random one")
)

// Random histories of deliveries, faults and workers. Afterwards every message is in exactly
// one turn, and what is worth it was answered.
func TestInbox_Histories(t *testing.T) {
	first := *seed
	if first == 0 {
		first = uint64(time.Now().UnixNano())
	}
	for n := range *histories {
		t.Run(fmt.Sprintf("seed %d", first+uint64(n)), func(t *testing.T) {
			t.Parallel()
			newHistory(t, first+uint64(n)).run()
		})
	}
}

// person is somebody who writes to the business.
type person struct {
	channel.Person
	before  channel.Person // the ids before the person's number changed
	consent bool           // sent an opt-out or an opt-in
	out     bool           // the latest of these is an opt-out
	latest  time.Time      // of the messages that the provider has delivered
}

// history is a world with a plan of what happens to it.
type history struct {
	*world
	t       *testing.T
	r       *rand.Rand
	people  []*person
	air     []channel.Update // on its way from the provider, in any order, some twice
	texts   map[string]string
	names   []string // ids of messages, in order
	states  map[string]channel.State
	lives   []*mortal.Life
	workers sync.WaitGroup

	mood      atomic.Pointer[string]
	draft     *agent.Version
	broke     ledger.Credits
	handed    bool // a person of the business answers in a thread
	jumped    bool // the clock moved by about a day
	parts     int  // of the account
	deleted   bool // the connection, so that what was not filed is dropped
	agentGone bool
	disabled  bool
	sends     string
	recorded  map[string]bool // ids of messages that are not to be answered
	arrived   map[string]bool // ids of messages that the provider has delivered
}

func newHistory(t *testing.T, seed uint64) *history {
	h := &history{
		t: t, r: rand.New(rand.NewPCG(seed, 1)),
		arrived: map[string]bool{}, recorded: map[string]bool{}, parts: 1, texts: map[string]string{}, states: map[string]channel.State{},
	}
	room := openHall(t)
	h.world = room.world(t, func(c *connection.Connection) {
		c.Settings.QuietSeconds = []int{0, 2, 2, 10}[h.r.IntN(4)]
		if h.r.IntN(2) == 0 {
			c.Settings.Fallback = &connection.Template{Name: "sorry", Language: "en"}
		}
		if h.r.IntN(6) == 0 {
			a, v := room.Draft(t, c.OrgID, "be brief")
			c.AgentID, h.draft = a.ID, &v
		}
	})
	if h.draft != nil {
		h.agent.ID = h.connection.AgentID
	}
	h.provider.limit = 8 + h.r.IntN(30)
	h.provider.fault = h.fault
	h.model = func(p model.Provider) model.Provider { return &moody{p, &h.mood} }
	for n := range 1 + h.r.IntN(3) {
		p := &person{Person: channel.Person{Address: fmt.Sprintf("31%d", n), UserID: fmt.Sprintf("NL.%d", n), Name: "Ann"}}
		h.people = append(h.people, p)
	}
	return h
}

// moody is a model that fails for a while.
type moody struct {
	model.Provider
	mood *atomic.Pointer[string]
}

func (m *moody) Converse(ctx context.Context, r model.Request) (model.Reply, error) {
	return m.Provider.Converse(ctx, m.change(r))
}

func (m *moody) Stream(ctx context.Context, r model.Request) iter.Seq2[model.Event, error] {
	return m.Provider.Stream(ctx, m.change(r))
}

func (m *moody) change(r model.Request) model.Request {
	mood := m.mood.Load()
	if mood == nil {
		return r
	}
	r.Messages = slices.Clone(r.Messages)
	r.Messages[len(r.Messages)-1].Text = *mood
	return r
}

// fault is how the provider takes a send.
func (h *history) fault(n int) (accepts bool, err error) {
	failure := func(k channel.Kind) error { return &channel.SendError{Kind: k, Code: 7, Message: "why"} }
	switch h.sends {
	case "down":
		return false, failure(channel.Unsent)
	case "stopped":
		return false, failure(channel.Stopped)
	case "cut":
		return n%2 == 0, failure(channel.Unknown)
	case "busy":
		if n%3 != 0 {
			return false, failure(channel.Throttled)
		}
	case "picky":
		if n%4 == 0 {
			return false, failure([]channel.Kind{channel.Rejected, channel.Undeliverable, channel.WindowClosed}[n/4%3])
		}
	}
	return true, nil
}

func (h *history) run() {
	for range 10 + h.r.IntN(25) {
		h.step()
		if h.r.IntN(2) == 0 {
			h.deliver(1 + h.r.IntN(4))
		}
		if h.r.IntN(2) == 0 {
			h.labour()
		}
	}
	h.end()
}

// step makes one thing happen.
func (h *history) step() {
	who := h.people[h.r.IntN(len(h.people))]
	switch n := h.r.IntN(100); {
	case n < 45:
		h.write(who)
	case n < 52:
		h.correct()
	case n < 62:
		h.report()
	case n < 65:
		h.move(who)
	case n < 68:
		h.consent(who)
	case n < 74:
		h.setSends([]string{"", "down", "cut", "busy", "picky", "stopped"}[h.r.IntN(6)])
	case n < 78:
		h.mood.Store([]*string{nil, new("[[throttle]]"), new("[[fail]]"), new("[[break 1]]")}[h.r.IntN(4)])
	case n < 81:
		h.credits()
	case n < 84:
		h.disable(!h.disabled)
	case n < 86:
		h.rotate()
	case n < 88:
		h.deploy()
	case n == 88:
		h.deleteConnection()
	case n == 89:
		h.deleteAgent()
	case n == 90:
		h.jump()
	case n < 93:
		h.parts = min(h.parts+1, 3)
		h.shard(h.t, h.parts)
	case n == 93:
		h.handOver()
	case n < 98:
		h.sleep(time.Duration(h.r.IntN(20*60)) * time.Second)
	default:
		h.thaw()
	}
}

// jump moves the clock by about a day, while no worker runs.
func (h *history) jump() {
	h.jumped = true
	h.finish()
	h.sleep(20*time.Hour + time.Duration(h.r.IntN(10))*time.Hour)
}

// write has a person write a message, in any form.
func (h *history) write(who *person) {
	n := len(h.names)
	id, text := fmt.Sprintf("m%d", n), fmt.Sprintf("text %d", n)
	u := h.message(id, who.Address, text)
	m := u.Message
	m.From = who.Person
	switch h.r.IntN(8) {
	case 0:
		m.From.Address = "" // the number is hidden
	case 1:
		m.From.UserID = ""
	case 2:
		m.At = m.At.Add(-time.Duration(h.r.IntN(7200)) * time.Second)
	case 3:
		m.At = time.Time{}
	case 4:
		m.At = m.At.Add(time.Hour)
	case 5:
		m.Handling = []channel.Handling{channel.Decline, channel.Record}[h.r.IntN(2)]
		h.recorded[id] = m.Handling == channel.Record
	}
	m.Text = text
	h.names, h.texts[id] = append(h.names, id), text
	h.fly(u)
}

// fly sends an update on its way, some twice or more.
func (h *history) fly(u channel.Update) {
	for range 1 + h.r.IntN(3)*h.r.IntN(2) {
		h.air = append(h.air, u)
	}
}

func (h *history) correct() {
	if len(h.names) == 0 {
		return
	}
	h.sleep(time.Second)
	id := h.names[h.r.IntN(len(h.names))]
	if !h.arrived[id] { // a correction overtakes its message by minutes, not by days
		defer func() {
			for len(h.air) > 0 {
				h.deliver(2)
			}
		}()
	}
	c := channel.Correction{ID: fmt.Sprintf("c%d", h.r.Uint32()), MessageID: id, At: h.now(), Text: fmt.Sprintf("%s' %d", id, h.r.IntN(1000))}
	h.texts[id] = c.Text
	if h.r.IntN(4) == 0 {
		c.Withdrawn, h.texts[id] = true, "[message withdrawn]"
	}
	h.fly(channel.Update{Account: "1", Correction: &c})
}

// report has the provider report what became of something that it accepted.
func (h *history) report() {
	h.provider.mu.Lock()
	defer h.provider.mu.Unlock()
	if len(h.provider.sent) == 0 {
		return
	}
	m := h.provider.sent[h.r.IntN(len(h.provider.sent))]
	s := channel.Status{MessageID: m.id, Ref: m.Ref, At: h.now(), State: []channel.State{channel.Sent, channel.Failed, channel.Delivered, channel.Read}[h.r.IntN(4)]}
	if s.State == channel.Failed {
		s.Failure = &channel.SendError{Kind: channel.Undeliverable, Code: 9, Message: "not delivered"}
	}
	if s.State.After(h.states[m.Ref]) {
		h.states[m.Ref] = s.State
	}
	h.fly(channel.Update{Account: "1", Status: &s})
}

// move gives a person another number, once: a provider repeats a report, but two reports
// about a person do not overtake each other.
func (h *history) move(who *person) {
	if who.before != (channel.Person{}) {
		return
	}
	who.before = who.Person
	who.Person = channel.Person{Address: who.Address + "9", UserID: who.UserID + "9", Name: who.Name}
	h.fly(channel.Update{Account: "1", Identity: &channel.IdentityChange{ID: "move " + who.Address, Before: who.before, After: who.Person, At: h.now()}})
}

func (h *history) consent(who *person) {
	who.consent = true
	h.sleep(time.Second)
	n := len(h.names)
	id, text := fmt.Sprintf("m%d", n), fmt.Sprintf("STOP or START %d", n)
	u := h.message(id, who.Address, text)
	u.Message.From, u.Message.Handling = who.Person, channel.Record
	switch h.r.IntN(4) {
	case 0:
		u.Message.From.Address = ""
	case 1:
		u.Message.From.UserID = ""
	}
	who.out = h.r.IntN(2) == 0
	u.Message.Consent = map[bool]channel.Consent{false: channel.OptIn, true: channel.OptOut}[who.out]
	h.names, h.texts[id] = append(h.names, id), text
	h.fly(u)
}

// handOver hands a thread over to a person of the business.
func (h *history) handOver() {
	chats := h.chats(h.t)
	if len(chats) == 0 || h.agentGone {
		return
	}
	h.handed = true
	id := inbox.ThreadID(h.agent.ID, chats[h.r.IntN(len(chats))])
	desk := inbox.Desk{Store: h.Store, Workers: func(connection.Channel) work.Queue { return h }, Now: h.now}
	_, err := desk.Update(h.t.Context(), nil, h.org, id, inbox.ThreadPatch{HandedOver: new(true)})
	if err != nil && !fault.Is(err, fault.NotFound) { // the thread begins with its first entry
		h.t.Fatal(err)
	}
}

func (h *history) setSends(mode string) {
	h.provider.mu.Lock()
	defer h.provider.mu.Unlock()
	h.sends = mode
}

// credits takes all credits from the org, or gives them back. The balance may change meanwhile.
func (h *history) credits() {
	back := h.broke
	for range 100 { // at a time when no turn holds any
		amount := -back
		if back == 0 {
			amount = h.Account(h.t, h.org).Available
		}
		e := ledger.Entry{ID: fmt.Sprintf("entry-%d", h.r.Uint64()), OrgID: h.org, Kind: ledger.Adjustment, Amount: -amount, Reason: "test", At: h.now()}
		err := h.Store.AddEntry(h.t.Context(), nil, e)
		if fault.Is(err, fault.Conflict) {
			continue
		}
		if err != nil {
			h.t.Fatal(err)
		}
		h.broke += amount
		return
	}
}

func (h *history) disable(disabled bool) {
	if h.deleted || h.agentGone {
		return
	}
	h.disabled = disabled
	if _, err := h.Store.UpdateConnection(h.t.Context(), nil, h.org, h.connection.ID, connection.Patch{Disabled: &disabled}, h.now()); err != nil {
		h.t.Fatal(err)
	}
}

func (h *history) rotate() {
	if h.deleted {
		return
	}
	fresh := connection.Sealed{"access_token": []byte("u")}
	if _, err := h.Store.RotateCredentials(h.t.Context(), nil, h.org, h.connection.ID, fresh, h.now()); err != nil {
		h.t.Fatal(err)
	}
}

func (h *history) deploy() {
	if h.draft == nil || h.agentGone {
		return
	}
	if _, err := h.Store.DeployVersion(h.t.Context(), nil, h.org, h.agent.ID, h.draft.ID, h.now()); err != nil {
		h.t.Fatal(err)
	}
	h.draft = nil
}

func (h *history) deleteConnection() {
	if h.deleted || h.r.IntN(3) > 0 {
		return
	}
	h.deleted = true
	if err := h.Store.DeleteConnection(h.t.Context(), nil, h.org, h.connection.ID); err != nil {
		h.t.Fatal(err)
	}
}

func (h *history) deleteAgent() {
	if h.agentGone || h.r.IntN(3) > 0 {
		return
	}
	h.agentGone = true
	if err := h.Store.DeleteAgent(h.t.Context(), nil, h.org, h.agent.ID); err != nil {
		h.t.Fatal(err)
	}
}

// deliver delivers batches of what is on its way, in any order, some at the same time.
func (h *history) deliver(batches int) {
	h.r.Shuffle(len(h.air), func(i, j int) { h.air[i], h.air[j] = h.air[j], h.air[i] })
	var all sync.WaitGroup
	for range batches {
		n := h.r.IntN(len(h.air) + 1)
		batch := h.air[:n:n]
		h.air = h.air[n:]
		for _, u := range batch {
			h.arrive(u)
		}
		all.Go(func() {
			if err := h.receiver.Take(h.t.Context(), h.connection, batch); err != nil {
				h.t.Errorf("got %v for a batch, want nil", err)
			}
		})
	}
	all.Wait()
}

// has reports whether a message is from the person, who is shown by one id or by both.
func (p *person) has(from channel.Person) bool {
	return slices.Contains([]string{p.UserID, p.before.UserID}, from.UserID) && from.UserID != "" ||
		slices.Contains([]string{p.Address, p.before.Address}, from.Address) && from.Address != ""
}

// arrive notes the window that a message opens.
func (h *history) arrive(u channel.Update) {
	if u.Message == nil {
		return
	}
	h.arrived[u.Message.ID] = true
	for _, p := range h.people {
		if p.has(u.Message.From) {
			at := u.Message.At
			if at.IsZero() || at.After(h.now()) {
				at = h.now()
			}
			if at.After(p.latest) {
				p.latest = at
			}
		}
	}
}

// labour has workers handle some of the queue at the same time. Some of them die or freeze.
func (h *history) labour() {
	for range 1 + h.r.IntN(3) {
		l := mortal.Immortal()
		if h.r.IntN(3) == 0 {
			l = mortal.New(h.r.IntN(60), mortal.Ends[h.r.IntN(4)])
		}
		h.lives = append(h.lives, l)
		p, n := h.process(l), 1+h.r.IntN(12)
		ended := make(chan struct{})
		h.workers.Go(func() {
			defer close(ended)
			for range n {
				m, ok := h.next(h.now().Add(5 * time.Second))
				if !ok {
					return
				}
				h.take(h.t, p, m)
			}
		})
		select {
		case <-ended:
		case <-l.Died:
		case <-l.Frozen:
		case <-time.After(time.Duration(h.r.IntN(40)) * time.Millisecond): // the next one works beside it
		}
	}
}

// thaw lets the workers go on that froze.
func (h *history) thaw() {
	h.lives = slices.DeleteFunc(h.lives, func(l *mortal.Life) bool {
		select {
		case <-l.Frozen:
			close(l.Thawed)
			return true
		default:
			return false
		}
	})
}

// end ends all faults and lets the workers finish.
func (h *history) end() {
	h.show()
	for len(h.air) > 0 {
		h.deliver(1 + h.r.IntN(3))
		h.labour()
	}
	late := h.now()
	h.setSends("")
	h.mood.Store(nil)
	if h.broke != 0 {
		h.credits()
	}
	h.disable(false)
	h.deploy()
	h.rotate()
	h.finish()
	h.sleep(time.Minute)
	h.settle(h.t, h.process(mortal.Immortal()))
	h.verify(late)
}

// show has each person write a message that shows all names.
func (h *history) show() {
	h.sleep(time.Second)
	for _, who := range h.people {
		n := len(h.names)
		id, text := fmt.Sprintf("m%d", n), fmt.Sprintf("text %d", n)
		u := h.message(id, who.Address, text)
		u.Message.From = who.Person
		h.names, h.texts[id] = append(h.names, id), text
		h.fly(u)
	}
}

// finish waits for all workers, the frozen ones too.
func (h *history) finish() {
	ended := make(chan struct{})
	go func() { h.workers.Wait(); close(ended) }()
	for {
		h.thaw()
		select {
		case <-ended:
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
}
