package local

import (
	"fmt"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// child is a process in a group of its own.
type child struct {
	cmd    *exec.Cmd
	output *output
	done   chan struct{} // closed when it has ended and its output was read
}

// startChild starts cmd. Should this process die without a chance to end it,
// the system sends it onOrphan, where the system can do that.
func startChild(cmd *exec.Cmd, out *output, onOrphan syscall.Signal) (*child, error) {
	cmd.Stdout, cmd.Stderr = out, out
	// A grandchild may keep the output open; do not wait for it.
	cmd.WaitDelay = time.Second
	ownGroup(cmd)
	signalOrphan(cmd, onOrphan)

	c := &child{cmd: cmd, output: out, done: make(chan struct{})}
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
		out.flush()
		close(c.done)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", out.name, err)
	}
	return c, nil
}

func (c *child) pid() int { return c.cmd.Process.Pid }

// kill ends the process and its children at once.
func (c *child) kill() { c.signal(syscall.SIGKILL) }

// terminate asks the process to end.
func (c *child) terminate() { c.signal(syscall.SIGTERM) }

func (c *child) signal(signal syscall.Signal) {
	select {
	case <-c.done: // its id may belong to another process by now
	default:
		_ = signalGroup(c.cmd, signal) // it fails when the process has just ended
	}
}

// state says how the process ended: "exit status 1", "signal: killed".
func (c *child) state() string { return c.cmd.ProcessState.String() }
