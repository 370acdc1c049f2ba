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

// process is one process of a function and the Runtime API it polls. It works
// on one invocation at a time.
type process struct {
	function sam.Function
	pool     *Pool
	child    *child.Process
	server   *http.Server
	program  os.FileInfo // the executable's file when it was started

	work  chan *invocation
	ready chan struct{} // closed when it polls for the first time
	gone  chan struct{} // closed when it has ended and was cleaned up after
	err   error         // why it ended; set before gone is closed

	mu      sync.Mutex
	polled  bool
	ended   bool
	inv     *invocation // under way
	timer   *time.Timer // kills it at the invocation's deadline, or when idle for long
	blamed  error       // why it ended, if that is known better than by its exit status
	retired bool        // it was ended on purpose; that is not a crash
	doomed  bool        // its invocation's time is over; it is being killed and gets no other
}

// startProcess starts a process for pool, which has to call its wait.
func startProcess(pool *Pool, cmd *exec.Cmd) (*process, error) {
	p := &process{
		function: pool.function,
		pool:     pool,
		work:     make(chan *invocation, 1),
		ready:    make(chan struct{}),
		gone:     make(chan struct{}),
	}
	p.program, _ = os.Stat(cmd.Path) // a missing one fails to start
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

// idle is called when the process polls: what it was working on is finished. A
// doomed process is on its way out, and its end ends the invocation.
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
		return // whoever asked for this process takes it
	}
	// It goes back first, so that an invoker that comes again at once finds it.
	p.pool.park(p)
	if inv != nil {
		inv.end(&FunctionError{Type: "Runtime.NoResponse", Message: "the function polled again without an answer"})
	}
}

// dispatch gives an idle process its next invocation. It reports false when
// the process has died meanwhile.
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

// doom decides that the process is killed for inv. It reports false when inv
// has ended at this very moment: the process may have its next one already.
func (p *process) doom(inv *invocation) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.inv != inv {
		return false
	}
	p.doomed = true
	return true
}

// retireAfter ends the process unless it gets work before.
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

// current returns the invocation under way if it has the given id.
func (p *process) current(id string) *invocation {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.inv == nil || p.inv.id != id {
		return nil
	}
	return p.inv
}

// blame keeps the first reason for the process's end.
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

// retire ends the process on purpose.
func (p *process) retire() {
	p.mu.Lock()
	p.retired = true
	p.mu.Unlock()
	p.kill(errRetired)
}

// errNotDelivered is the end of an invocation that no process has seen.
var errNotDelivered = errors.New("the process ended before it got the invocation")

// wait cleans up after the process when it ends, for whatever reason.
func (p *process) wait() {
	<-p.child.Done
	p.mu.Lock()
	p.ended = true
	p.stopTimer()
	inv := p.inv
	p.mu.Unlock()
	p.pool.remove(p)

	// Its connections are closed. What it sent before it died is read to the
	// end first, then the invocation fails.
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

// failure says why the process ended, and tells the log if it should not have.
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
