// Package lambda runs functions as processes, as AWS Lambda's custom runtime
// does. A Pool has the processes of one function and starts more up to its
// limit. A process polls a Runtime API of its own (runtimeapi.go) and works on
// one invocation at a time; a process that crashes or exceeds its timeout fails
// that invocation. Pool.Invoke returns a Reply, whose body may still be on its
// way, or a *FunctionError in Lambda's terms.
package lambda

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"sync"
	"time"

	"github.com/quintet-agents/quintet/shared/local/logs"
	"github.com/quintet-agents/quintet/shared/local/sam"
)

const (
	// defaultConcurrency is an AWS account's limit, too.
	defaultConcurrency = 1000
	idleTime           = 5 * time.Minute
	// startTime is more than the 10 s that Lambda allows, because a developer's
	// machine compiles at the same time.
	startTime = time.Minute
)

// Pool holds the processes of one function.
type Pool struct {
	function    sam.Function
	command     func() *exec.Cmd
	environment map[string]string
	limit       int
	log         *logs.Logger

	mu      sync.Mutex
	closed  bool
	all     map[*process]struct{}
	idle    []*process // the last one was used last
	starts  int        // processes being started, which count as well
	waiting []chan *process
}

var (
	// ErrClosed is why a pool that is closed runs nothing.
	ErrClosed   = errors.New("the runner is closed")
	errNotReady = &FunctionError{Type: "Runtime.InitTimeout", Message: fmt.Sprintf("the process did not ask for work within %v", startTime)}
)

// NewPool returns an empty pool for a function. command starts a process, whose
// environment is added to; limit is how many processes there may be, 0 for 1000.
func NewPool(function sam.Function, command func() *exec.Cmd, environment map[string]string, limit int, log *logs.Logger) *Pool {
	if limit < 1 {
		limit = defaultConcurrency
	}
	return &Pool{function: function, command: command, environment: environment, limit: limit, log: log, all: map[*process]struct{}{}}
}

// Invoke sends an event to one of the function's processes. ctx limits only
// the wait for a free process: once it has begun, an invocation runs to its
// end, as it does on AWS.
func (p *Pool) Invoke(ctx context.Context, payload []byte) (Reply, error) {
	inv := newInvocation(payload)
	for {
		proc, err := p.acquire(ctx)
		if err != nil {
			return Reply{}, err
		}
		if !proc.dispatch(inv) {
			continue
		}
		r, err := inv.reply()
		if !errors.Is(err, errNotDelivered) {
			return r, err
		}
		inv = newInvocation(payload)
	}
}

// acquire returns a process that waits for work and belongs to the caller.
func (p *Pool) acquire(ctx context.Context) (*process, error) {
	for {
		p.mu.Lock()
		if p.closed {
			p.mu.Unlock()
			return nil, ErrClosed
		}
		if proc := p.takeIdle(); proc != nil {
			p.mu.Unlock()
			return proc, nil
		}
		if len(p.all)+p.starts < p.limit {
			p.starts++
			p.mu.Unlock()
			return p.start()
		}
		turn := make(chan *process, 1)
		p.waiting = append(p.waiting, turn)
		p.mu.Unlock()

		select {
		case proc := <-turn:
			if proc == nil {
				continue // one has ended: there is room for another
			}
			if !proc.outdated() {
				return proc, nil
			}
			proc.retire()
		case <-ctx.Done():
			p.leave(turn)
			return nil, fmt.Errorf("wait for a free process of %s: %w", p.function.Name, ctx.Err())
		}
	}
}

// takeIdle returns the process that was used last, or nil. Those that run an
// executable that has changed since are retired.
func (p *Pool) takeIdle() *process {
	for len(p.idle) > 0 {
		last := len(p.idle) - 1
		proc := p.idle[last]
		p.idle = p.idle[:last]
		if !proc.outdated() {
			return proc
		}
		proc.retire()
	}
	return nil
}

func (p *process) outdated() bool {
	now, err := os.Stat(p.child.Cmd.Path)
	if err != nil || p.program == nil {
		return false // being rebuilt at this moment
	}
	return now.ModTime() != p.program.ModTime() || now.Size() != p.program.Size() || !os.SameFile(now, p.program)
}

// start starts a process and waits until it is ready for work.
func (p *Pool) start() (*process, error) {
	proc, err := startProcess(p, p.command())
	p.mu.Lock()
	p.starts--
	if err != nil {
		p.wake()
		p.mu.Unlock()
		return nil, err
	}
	p.all[proc] = struct{}{}
	if p.closed {
		proc.retire()
	}
	p.mu.Unlock()
	go proc.wait()

	timeout := time.NewTimer(startTime)
	defer timeout.Stop()
	select {
	case <-proc.ready:
		return proc, nil
	case <-timeout.C:
		proc.kill(errNotReady)
		<-proc.gone
	case <-proc.gone:
	}
	return nil, proc.err
}

// park puts a process that is through with its work back.
func (p *Pool) park(proc *process) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.waiting) > 0 {
		p.waiting[0] <- proc
		p.waiting = p.waiting[1:]
		return
	}
	p.idle = append(p.idle, proc)
	proc.retireAfter(idleTime)
}

// retire ends a process if it is still idle.
func (p *Pool) retire(proc *process) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := slices.Index(p.idle, proc); i >= 0 {
		p.idle = slices.Delete(p.idle, i, i+1)
		proc.retire()
	}
}

// remove forgets a process that has ended.
func (p *Pool) remove(proc *process) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.all, proc)
	p.idle = slices.DeleteFunc(p.idle, func(other *process) bool { return other == proc })
	p.wake()
}

// wake lets the first in the queue try again.
func (p *Pool) wake() {
	if len(p.waiting) > 0 {
		p.waiting[0] <- nil
		p.waiting = p.waiting[1:]
	}
}

// leave gives up a place in the queue, and hands on what came meanwhile.
func (p *Pool) leave(turn chan *process) {
	p.mu.Lock()
	p.waiting = slices.DeleteFunc(p.waiting, func(other chan *process) bool { return other == turn })
	p.mu.Unlock()
	select {
	case proc := <-turn:
		if proc != nil {
			p.park(proc)
			return
		}
		p.mu.Lock()
		p.wake()
		p.mu.Unlock()
	default:
	}
}

// PIDs returns the processes that are alive.
func (p *Pool) PIDs() []int {
	p.mu.Lock()
	defer p.mu.Unlock()
	var pids []int
	for proc := range p.all {
		pids = append(pids, proc.child.PID())
	}
	slices.Sort(pids)
	return pids
}

// Close ends all processes and waits until they are gone.
func (p *Pool) Close() {
	p.mu.Lock()
	p.closed = true
	var all []*process
	for proc := range p.all {
		all = append(all, proc)
	}
	for len(p.waiting) > 0 {
		p.wake()
	}
	p.mu.Unlock()
	for _, proc := range all {
		proc.retire()
	}
	for _, proc := range all {
		<-proc.gone
	}
}
