// Package child runs processes that end when this one does.
package child

import (
	"fmt"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"github.com/quintet-agents/quintet/shared/local/logs"
)

// Process is a process in a group of its own.
type Process struct {
	Cmd    *exec.Cmd
	Output *logs.Output
	Done   chan struct{} // closed when it has ended and its output was read
}

// Start starts cmd. Should this process die without a chance to end it,
// the system sends it onOrphan, where the system can do that.
func Start(cmd *exec.Cmd, out *logs.Output, onOrphan syscall.Signal) (*Process, error) {
	cmd.Stdout, cmd.Stderr = out, out
	// A grandchild may keep the output open; do not wait for it.
	cmd.WaitDelay = time.Second
	ownGroup(cmd)
	signalOrphan(cmd, onOrphan)

	c := &Process{Cmd: cmd, Output: out, Done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		// Linux ties a parent-death signal to the thread that started the
		// process, and Go may end a thread. This one waits for the process
		// anyway, so it starts it, too, and stays until it is gone.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		_ = cmd.Wait() // how it ended is in cmd.ProcessState
		_ = signalGroup(cmd, syscall.SIGKILL)
		out.Flush()
		close(c.Done)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", out.Name, err)
	}
	return c, nil
}

// PID returns the process's id.
func (c *Process) PID() int { return c.Cmd.Process.Pid }

// Kill ends the process and its children at once.
func (c *Process) Kill() { c.signal(syscall.SIGKILL) }

// Terminate asks the process to end.
func (c *Process) Terminate() { c.signal(syscall.SIGTERM) }

func (c *Process) signal(signal syscall.Signal) {
	select {
	case <-c.Done: // its id may belong to another process by now
	default:
		_ = signalGroup(c.Cmd, signal) // it fails when the process has just ended
	}
}

// State says how the process ended: "exit status 1", "signal: killed".
func (c *Process) State() string { return c.Cmd.ProcessState.String() }
