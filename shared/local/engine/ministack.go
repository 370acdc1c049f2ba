// Package engine provides the local AWS of a project: StartMiniStack runs MiniStack
// as a process, and Provision creates a template's tables, queues, user pools and keys
// in any local AWS. Existing resources keep their data.
package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/quintet-agents/quintet/shared/local/arn"
	"github.com/quintet-agents/quintet/shared/local/child"
	"github.com/quintet-agents/quintet/shared/local/listen"
	"github.com/quintet-agents/quintet/shared/local/logs"
)

// MiniStackOptions are the settings of MiniStack, an AWS emulator.
type MiniStackOptions struct {
	Command  string     // the ministack program, such as .venv/bin/ministack
	Host     string     // to listen on; empty for 127.0.0.1
	Port     int        // to listen on; 0 for any free one
	StateDir string     // keeps the data between runs; empty: the data are lost
	Hold     []*os.File // stay open until MiniStack has exited, even if this process is killed first
	Logs     io.Writer  // MiniStack's output; nil for none
}

// MiniStack is a running MiniStack. It has its data in memory and saves them when it is
// closed. If it is killed, all data since its start are lost.
type MiniStack struct {
	endpoint string
	child    *child.Process
	scratch  string // folder for files that it writes even without StateDir; removed by Close
	close    func() error
}

const (
	healthTime = 30 * time.Second
	// saveTime is the time that MiniStack has to save its state. It needs about a second.
	saveTime = 15 * time.Second
)

// StartMiniStack starts MiniStack and returns when it is ready. ctx limits only the
// start.
func StartMiniStack(ctx context.Context, o MiniStackOptions) (*MiniStack, error) {
	if o.Host == "" {
		o.Host = "127.0.0.1"
	}
	address, err := freeAddress(o.Host, o.Port)
	if err != nil {
		return nil, err
	}
	if err := checkState(o.StateDir); err != nil {
		return nil, err
	}
	scratch, err := os.MkdirTemp("", "ministack-")
	if err != nil {
		return nil, err
	}
	m, err := startMiniStack(ctx, o, address, scratch)
	if err != nil {
		_ = os.RemoveAll(scratch)
		return nil, err
	}
	return m, nil
}

func startMiniStack(ctx context.Context, o MiniStackOptions, address, scratch string) (*MiniStack, error) {
	cmd := o.command()
	cmd.ExtraFiles = o.Hold
	var err error
	if cmd.Env, err = o.environment(address, scratch); err != nil {
		return nil, err
	}
	// An orphaned MiniStack receives SIGTERM, so that it saves its state.
	child, err := child.Start(cmd, &logs.Output{Name: "ministack", Log: logs.New(o.Logs)}, syscall.SIGTERM)
	if err != nil {
		return nil, err
	}
	m := &MiniStack{endpoint: "http://" + address, child: child, scratch: scratch}
	m.close = sync.OnceValue(m.shutdown)
	if err := m.awaitHealth(ctx); err != nil {
		return nil, errors.Join(err, m.Close())
	}
	return m, nil
}

// command returns the command that runs MiniStack. A script in a virtual environment
// contains the absolute path of its Python, which is wrong if the environment was moved.
// So command runs the script with the Python beside it.
func (o MiniStackOptions) command() *exec.Cmd {
	folder := filepath.Dir(o.Command)
	python := filepath.Join(folder, "python3")
	if !isFile(filepath.Join(folder, "..", "pyvenv.cfg")) || !isFile(python) {
		return exec.Command(o.Command)
	}
	return exec.Command(python, o.Command)
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// ErrStateDamaged is the error for an unreadable saved state. MiniStack is not started,
// because it would begin with an empty state and overwrite the saved one.
var ErrStateDamaged = errors.New("the saved state is damaged")

func checkState(dir string) error {
	if dir == "" {
		return nil
	}
	paths, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return err
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrStateDamaged, err)
		}
		if !json.Valid(text) {
			return fmt.Errorf("%w: %s is not whole", ErrStateDamaged, path)
		}
	}
	return nil
}

// freeAddress returns an address that is not in use. If it were in use, the other
// program's answer would count as MiniStack's.
func freeAddress(host string, port int) (string, error) {
	address := net.JoinHostPort(host, strconv.Itoa(port))
	l, err := listen.TCP(address)
	if err != nil {
		return "", fmt.Errorf("MiniStack cannot listen: %w", err)
	}
	address = l.Addr().String()
	return address, l.Close()
}

func (o MiniStackOptions) environment(address, scratch string) ([]string, error) {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	env := []string{
		"PATH=" + os.Getenv("PATH"),
		"HOME=" + os.Getenv("HOME"),
		"BIND_HOST=" + o.Host,
		"GATEWAY_PORT=" + port,
		"MINISTACK_REGION=" + arn.Region,
		"MINISTACK_ACCOUNT_ID=" + arn.Account,
		"LOG_LEVEL=WARNING", // INFO logs every request
		// These two services would listen on more ports, on every interface.
		"IOT_MTLS_ENABLED=0",
		"SFTP_ENABLED=0",
	}
	if o.StateDir == "" {
		return append(env, "PERSIST_STATE=0", "STATE_DIR="+scratch), nil
	}
	dir, err := filepath.Abs(o.StateDir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make MiniStack's state folder: %w", err)
	}
	return append(env,
		"PERSIST_STATE=1",
		"STATE_DIR="+dir,
		"S3_PERSIST=1",
		"S3_DATA_DIR="+filepath.Join(dir, "s3"),
		"TMPDIR="+dir, // its pid file
	), nil
}

func (m *MiniStack) awaitHealth(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, healthTime)
	defer cancel()
	for {
		if m.healthy(ctx) {
			return nil
		}
		select {
		case <-m.child.Done:
			return fmt.Errorf("MiniStack ended while it was starting: %s. %s", m.child.State(), m.child.Output.Last())
		case <-ctx.Done():
			return fmt.Errorf("MiniStack does not answer at %s: %w. %s", m.endpoint, ctx.Err(), m.child.Output.Last())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (m *MiniStack) healthy(ctx context.Context) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, m.endpoint+"/_ministack/health", nil)
	if err != nil {
		return false
	}
	request.Close = true
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// Endpoint returns the URL for AWS clients.
func (m *MiniStack) Endpoint() string { return m.endpoint }

// Ended returns a channel that is closed when MiniStack has exited.
func (m *MiniStack) Ended() <-chan struct{} { return m.child.Done }

// Why returns the reason why MiniStack exited, and the last lines of its output. It may be
// called only after Ended is closed.
func (m *MiniStack) Why() string { return m.child.State() + ". " + m.child.Output.Last() }

// Close stops MiniStack, which saves its state.
func (m *MiniStack) Close() error { return m.close() }

func (m *MiniStack) shutdown() error {
	defer func() { _ = os.RemoveAll(m.scratch) }()
	m.child.Terminate()
	select {
	case <-m.child.Done:
		return nil
	case <-time.After(saveTime):
		m.child.Kill()
		<-m.child.Done
		return fmt.Errorf("MiniStack did not end within %v and was killed; its state is that of the last clean end", saveTime)
	}
}
