// Package lambda runs functions as processes, like AWS Lambda's custom runtime. A Pool has
// the processes of one function and starts more up to its limit. Each process polls its
// own Runtime API (runtimeapi.go) and handles one invocation at a time; if it crashes or
// exceeds its timeout, the invocation fails. Pool.Invoke returns a Reply, whose body the
// function may still be writing, or a *FunctionError with Lambda's error types.
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
	// defaultConcurrency is also the default limit of an AWS account.
	defaultConcurrency = 1000
	idleTime           = 5 * time.Minute
	// startTime is longer than Lambda's 10 s, because a developer's machine may be
	// compiling at the same time.
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
	idle    []*process // the most recently used one is last
	starts  int        // processes being started, which count as well
	waiting []chan *process
}

var (
	// ErrClosed is the error of an invocation on a closed pool.
	ErrClosed   = errors.New("the runner is closed")
	errNotReady = &FunctionError{Type: "Runtime.InitTimeout", Message: fmt.Sprintf("the process did not ask for work within %v", startTime)}
)

// NewPool returns an empty pool for a function. command returns a process's command, to
// whose environment the pool adds; limit bounds the number of processes, and 0 means 1000.
func NewPool(function sam.Function, command func() *exec.Cmd, environment map[string]string, limit int, log *logs.Logger) *Pool {
	if limit < 1 {
		limit = defaultConcurrency
	}
	return &Pool{function: function, command: command, environment: environment, limit: limit, log: log, all: map[*process]struct{}{}}
}

// Invoke sends an event to one of the function's processes. ctx limits only the wait for
// a free process: as on AWS, an invocation that has begun runs to its end.
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

// acquire returns an idle process for the caller's exclusive use.
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
				continue // a process has ended, so there is room for another
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

// takeIdle returns the most recently used idle process, or nil. It retires processes whose
// executable has changed.
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
		return false // the executable is being rebuilt
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

// park makes a process idle.
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

// remove removes a process that has ended.
func (p *Pool) remove(proc *process) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.all, proc)
	p.idle = slices.DeleteFunc(p.idle, func(other *process) bool { return other == proc })
	p.wake()
}

// wake makes the first waiting caller try again.
func (p *Pool) wake() {
	if len(p.waiting) > 0 {
		p.waiting[0] <- nil
		p.waiting = p.waiting[1:]
	}
}

// leave removes a caller from the queue, and passes on the process or the wake-up that it
// has just received.
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

// PIDs returns the ids of the live processes.
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

// Close ends all processes and waits for them.
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
