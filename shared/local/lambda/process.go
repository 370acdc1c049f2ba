package lambda

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"github.com/quintet-agents/quintet/shared/local/child"
	"github.com/quintet-agents/quintet/shared/local/logs"
	"github.com/quintet-agents/quintet/shared/local/sam"
)

// process is one process of a function, with the Runtime API that it polls. It handles one
// invocation at a time.
type process struct {
	function sam.Function
	pool     *Pool
	child    *child.Process
	server   *http.Server
	program  os.FileInfo // the executable's file at the start

	work  chan *invocation
	ready chan struct{} // closed at the first poll
	gone  chan struct{} // closed after the process has ended and was cleaned up
	err   error         // why the process ended; set before gone is closed

	mu      sync.Mutex
	polled  bool
	ended   bool
	inv     *invocation // the current one
	timer   *time.Timer // kills the process at the invocation's deadline, or after a long idle time
	blamed  error       // a better reason for the process's end than its exit status
	retired bool        // the process was ended on purpose and did not crash
	doomed  bool        // the invocation timed out: the process is being killed and gets no other
}

// startProcess starts a process. The pool must call its wait.
func startProcess(pool *Pool, cmd *exec.Cmd) (*process, error) {
	p := &process{
		function: pool.function,
		pool:     pool,
		work:     make(chan *invocation, 1),
		ready:    make(chan struct{}),
		gone:     make(chan struct{}),
	}
	p.program, _ = os.Stat(cmd.Path) // without the file, the start fails
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open a Runtime API for %s: %w", pool.function.Name, err)
	}
	cmd.Env = append(cmd.Env, environment(pool.function, cmd, listener.Addr().String(), pool.environment)...)
	p.child, err = child.Start(cmd, &logs.Output{Name: pool.function.Name, Log: pool.log}, syscall.SIGKILL)
	if err != nil {
		listener.Close()
		return nil, err
	}
	p.server = &http.Server{Handler: p.handler()}
	go func() { _ = p.server.Serve(listener) }() // ends with server.Shutdown
	return p, nil
}

// idle is called when the process polls, which means that its invocation is finished. For
// a doomed process, wait ends the invocation.
func (p *process) idle() {
	p.mu.Lock()
	if p.doomed {
		p.mu.Unlock()
		return
	}
	inv := p.inv
	p.inv = nil
	p.stopTimer()
	first := !p.polled
	p.polled = true
	p.mu.Unlock()
	if first {
		close(p.ready)
		return // the caller that started this process takes it
	}
	// Park the process first, so that an invoker that invokes again at once finds it.
	p.pool.park(p)
	if inv != nil {
		inv.end(&FunctionError{Type: "Runtime.NoResponse", Message: "the function polled again without an answer"})
	}
}

// dispatch gives an idle process its next invocation. It reports false if the process has
// died.
func (p *process) dispatch(inv *invocation) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return false
	}
	p.inv = inv
	p.stopTimer()
	p.timer = time.AfterFunc(p.function.Timeout, func() {
		if p.doom(inv) {
			p.pool.log.Printf("%s: killed, its timeout of %v is over", p.function.Name, p.function.Timeout)
			p.kill(inv.timedOut(p.function.Timeout))
		}
	})
	p.work <- inv
	return true
}

// doom marks the process for killing because of inv. It reports false if inv has just
// ended, because the process may already have its next invocation.
func (p *process) doom(inv *invocation) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.inv != inv {
		return false
	}
	p.doomed = true
	return true
}

// retireAfter ends the process after d unless it gets an invocation before.
func (p *process) retireAfter(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.ended && p.inv == nil {
		p.stopTimer()
		p.timer = time.AfterFunc(d, func() { p.pool.retire(p) })
	}
}

func (p *process) stopTimer() {
	if p.timer != nil {
		p.timer.Stop()
	}
}

// current returns the current invocation if it has the given id.
func (p *process) current(id string) *invocation {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.inv == nil || p.inv.id != id {
		return nil
	}
	return p.inv
}

// blame records the reason for the process's end; the first one wins.
func (p *process) blame(reason error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.blamed == nil {
		p.blamed = reason
	}
}

func (p *process) kill(reason error) {
	p.blame(reason)
	p.child.Kill()
}

var errRetired = errors.New("the runner ended the process")

// retire ends the process without reporting a crash.
func (p *process) retire() {
	p.mu.Lock()
	p.retired = true
	p.mu.Unlock()
	p.kill(errRetired)
}

// errNotDelivered is the error of an invocation that its process never received.
var errNotDelivered = errors.New("the process ended before it got the invocation")

// wait waits for the end of the process and cleans up.
func (p *process) wait() {
	<-p.child.Done
	p.mu.Lock()
	p.ended = true
	p.stopTimer()
	inv := p.inv
	p.mu.Unlock()
	p.pool.remove(p)

	// The process's connections are closed. Read everything that it has sent, and
	// only then fail the invocation.
	_ = p.server.Shutdown(context.Background())
	p.err = p.failure()
	close(p.gone)
	if inv == nil {
		return
	}
	if len(p.work) > 0 {
		inv.end(errNotDelivered)
		return
	}
	inv.end(p.err)
}

// failure returns the reason for the process's end, and logs it unless the process was
// retired.
func (p *process) failure() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.retired || p.timedOut() {
		return p.blamed
	}
	p.pool.log.Printf("%s crashed: %s. %s", p.function.Name, p.child.State(), p.child.Output.Last())
	if p.blamed != nil {
		return p.blamed
	}
	return &FunctionError{Type: "Runtime.ExitError", Message: "the function's process ended: " + p.child.State()}
}

func (p *process) timedOut() bool {
	var failure *FunctionError
	return errors.As(p.blamed, &failure) && failure.Type == "Sandbox.Timedout"
}
