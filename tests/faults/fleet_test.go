package faults_test

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/delivery/outbound"
	"github.com/quintet-agents/quintet/shared/dynamo"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/secret"
	"github.com/quintet-agents/quintet/shared/work"
)

// fleet has every part that sends deliveries to receivers: processes that die all
// the time, a queue that loses and repeats messages, and a sweeper that dies too.
// Its clock stands still while they work.
type fleet struct {
	dynamotest.Table
	now       time.Time
	nextSweep time.Time
	sender    delivery.Sender
	crew      [4]process

	mu      sync.Mutex
	random  *rand.Rand
	waiting []letter
	trouble map[string]int // by delivery: process deaths and lost messages
	sent    map[string]int // by delivery: messages
	deaths  int
}

// letter is a message in the queue.
type letter struct {
	at  time.Time
	ref delivery.Ref
}

// batch is how many messages a process handles in parallel.
const batch = 10

func newFleet(t *testing.T, random *rand.Rand) *fleet {
	t.Helper()
	f := &fleet{now: time.Now(), random: random, trouble: map[string]int{}, sent: map[string]int{}}
	f.Table = dynamotest.Open(t, dynamotest.At(f.clock))
	loopback := outbound.NewGuard([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")})
	f.nextSweep = f.now
	f.sender = hasty{outbound.NewClient(loopback, nil, f.clock)}
	return f
}

func (f *fleet) clock() time.Time { return f.now }

// hasty gives a receiver less time than the client's timeout.
type hasty struct{ delivery.Sender }

func (h hasty) Post(ctx context.Context, r delivery.Request) (delivery.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
	defer cancel()
	return h.Sender.Post(ctx, r)
}

// chance returns true once in n times.
func (f *fleet) chance(n int) bool { return f.number(n) == 0 }

func (f *fleet) number(n int) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.random.IntN(n)
}

// process is a worker's process.
type process struct {
	life   *life
	worker *delivery.Worker
}

// start starts a process that dies after some calls.
func (f *fleet) start(calls int) process {
	l := &life{left: calls, made: f.chance(2)}
	store := f.Beside(dynamotest.Through(l), dynamotest.At(f.clock), dynamotest.Eager()).Store
	return process{l, &delivery.Worker{
		Store: store, Secrets: &secret.Keeper{Store: store, Box: inClear{}, Now: f.clock},
		Sender: dyingSender{l, f.sender}, Queue: dyingQueue{l, f}, Now: f.clock,
	}}
}

// dyingQueue is a queue whose sender may die.
type dyingQueue struct {
	life *life
	work.Queue
}

func (q dyingQueue) Send(ctx context.Context, messages ...work.Message) error {
	if len(messages) == 0 {
		return nil
	}
	return q.life.call(func() error { return q.Queue.Send(ctx, messages...) })
}

// Send appends messages to the queue: some twice, some not at all.
func (f *fleet) Send(_ context.Context, messages ...work.Message) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range messages {
		ref, ok := m.Body.(delivery.Ref)
		if !ok {
			return errors.New("no delivery")
		}
		after := m.After.Truncate(time.Second)
		if after < m.After {
			after += time.Second // SQS counts in seconds
		}
		f.sent[ref.ID]++
		l := letter{f.now.Add(after), ref}
		switch f.random.IntN(40) {
		case 0:
			f.trouble[ref.ID]++
		case 1:
			f.waiting = append(f.waiting, l, l)
		default:
			f.waiting = append(f.waiting, l)
		}
	}
	return nil
}

// due removes and returns the messages that are due.
func (f *fleet) due() (due []delivery.Ref) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.waiting = slices.DeleteFunc(f.waiting, func(l letter) bool {
		if l.at.After(f.now) {
			return false
		}
		due = append(due, l.ref)
		return true
	})
	return due
}

// work handles due messages until none are left.
func (f *fleet) work(t *testing.T) {
	t.Helper()
	for due := f.due(); len(due) > 0; due = f.due() {
		batches := make(chan []delivery.Ref)
		var all sync.WaitGroup
		for i := range f.crew {
			all.Go(func() {
				for some := range batches {
					if f.crew[i].life == nil || f.crew[i].life.dead {
						f.crew[i] = f.start(20 + f.number(200))
					}
					f.handle(t, f.crew[i], some)
				}
			})
		}
		for some := range slices.Chunk(due, batch) {
			batches <- some
		}
		close(batches)
		all.Wait()
	}
}

// handle lets a process work on a batch. Failed messages are not redelivered: the
// sweeper must find their rows.
func (f *fleet) handle(t *testing.T, p process, refs []delivery.Ref) {
	var batch sync.WaitGroup
	for _, ref := range refs {
		ctx, cancel := context.WithCancel(t.Context())
		if f.chance(40) { // the function times out
			time.AfterFunc(time.Duration(f.number(20))*time.Millisecond, cancel)
		}
		batch.Go(func() {
			defer cancel()
			message, err := json.Marshal(ref)
			if err == nil {
				err = p.worker.Work(ctx, message)
			}
			if err == nil {
				return
			}
			if !errors.Is(err, errDead) && ctx.Err() == nil {
				t.Errorf("got %v: %v, want no error but a death or a timeout", ref, err)
			}
			f.mu.Lock()
			defer f.mu.Unlock()
			f.trouble[ref.ID]++
		})
	}
	batch.Wait()
	if p.life.dead {
		f.mu.Lock()
		f.deaths++
		f.mu.Unlock()
	}
}

// sweep runs the sweeper, which may die.
func (f *fleet) sweep(t *testing.T) {
	t.Helper()
	calls := 1 << 30
	if f.chance(10) {
		calls = f.number(20)
	}
	p := f.start(calls)
	err := work.Sweep(p.worker.Store.(*dynamo.Store).WaitingDeliveries(), p.worker.Queue)(t.Context(), f.now)
	if err != nil && !errors.Is(err, errDead) {
		t.Fatal(err)
	}
}

// pass advances the clock until work is due. The sweeper runs each minute, except
// when it would find nothing.
func (f *fleet) pass(t *testing.T) {
	t.Helper()
	next := f.nextSweep
	if len(f.waiting) == 0 {
		if quiet, ever := f.quiet(t); ever && f.now.Add(quiet).After(next) {
			next, f.nextSweep = f.now.Add(quiet), f.now.Add(quiet)
		}
	}
	for _, l := range f.waiting {
		if l.at.Before(next) {
			next = l.at
		}
	}
	f.now = next
	if !f.now.Before(f.nextSweep) {
		f.sweep(t)
		f.nextSweep = f.now.Add(time.Minute)
	}
}

// done reports whether no work is left.
func (f *fleet) done(t *testing.T) bool {
	t.Helper()
	_, ever := f.quiet(t)
	return !ever && len(f.waiting) == 0
}

// quiet returns how long the sweeper would find nothing, and whether it will ever
// find work.
func (f *fleet) quiet(t *testing.T) (time.Duration, bool) {
	t.Helper()
	for wait := time.Minute; wait < 48*time.Hour; wait *= 2 {
		found := errors.New("there is something")
		err := f.Store.WaitingDeliveries().Waiting(t.Context(), f.now.Add(wait), func(page []work.Due[delivery.Ref]) error {
			if len(page) > 0 {
				return found
			}
			return nil
		})
		switch {
		case errors.Is(err, found):
			return wait / 2, true
		case err != nil:
			t.Fatal(err)
		}
	}
	return 0, false
}
