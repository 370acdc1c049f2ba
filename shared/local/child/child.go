// Package child runs child processes that end with this process.
package child

import (
	"fmt"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"github.com/quintet-agents/quintet/shared/local/logs"
)

// Process is a child process in its own process group.
type Process struct {
	Cmd    *exec.Cmd
	Output *logs.Output
	Done   chan struct{} // closed when the process has ended and its output was read
}

// Start starts cmd. If this process is killed, the system sends the signal onOrphan to
// the child, on systems that support it.
func Start(cmd *exec.Cmd, out *logs.Output, onOrphan syscall.Signal) (*Process, error) {
	cmd.Stdout, cmd.Stderr = out, out
	// A grandchild may keep the output open. Do not wait for it.
	cmd.WaitDelay = time.Second
	ownGroup(cmd)
	signalOrphan(cmd, onOrphan)

	c := &Process{Cmd: cmd, Output: out, Done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		// Linux sends the parent-death signal when the thread that started the
		// child ends, and Go may end a thread. So the goroutine that waits for
		// the child also starts it, and keeps its thread until the child has ended.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		_ = cmd.Wait() // cmd.ProcessState has the result
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

// Kill kills the process and its children.
func (c *Process) Kill() { c.signal(syscall.SIGKILL) }

// Terminate sends SIGTERM to the process and its children.
func (c *Process) Terminate() { c.signal(syscall.SIGTERM) }

func (c *Process) signal(signal syscall.Signal) {
	select {
	case <-c.Done: // its id may already belong to another process
	default:
		_ = signalGroup(c.Cmd, signal) // fails if the process has just ended
	}
}

// State returns the reason why the process ended: "exit status 1", "signal: killed".
func (c *Process) State() string { return c.Cmd.ProcessState.String() }
