package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"sync"
	"time"
)

const (
	// defaultConcurrency is an AWS account's limit, too.
	defaultConcurrency = 1000
	idleTime           = 5 * time.Minute
	// startTime is more than the 10 s that Lambda allows, because a developer's
	// machine compiles at the same time.
	startTime = time.Minute
)

// pool holds the processes of one function.
type pool struct {
	function    Function
	command     func() *exec.Cmd
	environment map[string]string
	limit       int
	log         *logger

	mu      sync.Mutex
	closed  bool
	all     map[*process]struct{}
	idle    []*process // the last one was used last
	starts  int        // processes being started, which count as well
	waiting []chan *process
}

var (
	errClosed   = errors.New("the runner is closed")
	errNotReady = &FunctionError{Type: "Runtime.InitTimeout", Message: fmt.Sprintf("the process did not ask for work within %v", startTime)}
)

// invoke sends an event to one of the function's processes. ctx limits only
// the wait for a free process: once it has begun, an invocation runs to its
// end, as it does on AWS.
func (p *pool) invoke(ctx context.Context, payload []byte) (reply, error) {
	inv := newInvocation(payload)
	for {
		proc, err := p.acquire(ctx)
		if err != nil {
			return reply{}, err
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
func (p *pool) acquire(ctx context.Context) (*process, error) {
	for {
		p.mu.Lock()
		if p.closed {
			p.mu.Unlock()
			return nil, errClosed
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
func (p *pool) takeIdle() *process {
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
	now, err := os.Stat(p.child.cmd.Path)
	if err != nil || p.program == nil {
		return false // being rebuilt at this moment
	}
	return now.ModTime() != p.program.ModTime() || now.Size() != p.program.Size() || !os.SameFile(now, p.program)
}

// start starts a process and waits until it is ready for work.
func (p *pool) start() (*process, error) {
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
func (p *pool) park(proc *process) {
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
func (p *pool) retire(proc *process) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := slices.Index(p.idle, proc); i >= 0 {
		p.idle = slices.Delete(p.idle, i, i+1)
		proc.retire()
	}
}

// remove forgets a process that has ended.
func (p *pool) remove(proc *process) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.all, proc)
	p.idle = slices.DeleteFunc(p.idle, func(other *process) bool { return other == proc })
	p.wake()
}

// wake lets the first in the queue try again.
func (p *pool) wake() {
	if len(p.waiting) > 0 {
		p.waiting[0] <- nil
		p.waiting = p.waiting[1:]
	}
}

// leave gives up a place in the queue, and hands on what came meanwhile.
func (p *pool) leave(turn chan *process) {
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

// pids returns the processes that are alive.
func (p *pool) pids() []int {
	p.mu.Lock()
	defer p.mu.Unlock()
	var pids []int
	for proc := range p.all {
		pids = append(pids, proc.child.pid())
	}
	slices.Sort(pids)
	return pids
}

// close ends all processes and waits until they are gone.
func (p *pool) close() {
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
