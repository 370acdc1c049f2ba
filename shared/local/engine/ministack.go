// Package engine is the AWS that a local project uses: StartMiniStack runs
// MiniStack as a process, and Provision creates a template's tables, queues,
// user pools and keys in any local AWS. What exists is kept with its data.
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

// MiniStackOptions say how to run MiniStack, an AWS emulator.
type MiniStackOptions struct {
	Command  string     // the ministack program, say .venv/bin/ministack
	Host     string     // to listen on; empty for 127.0.0.1
	Port     int        // to listen on; 0 for any free one
	StateDir string     // keeps the data between runs; empty to forget them
	Hold     []*os.File // stay open until MiniStack has ended, even if this process dies before it
	Logs     io.Writer  // MiniStack's output; nil for none
}

// MiniStack is a running MiniStack. It keeps its data in memory and saves them
// when it is closed: what was written since the start is lost if it is killed.
type MiniStack struct {
	endpoint string
	child    *child.Process
	scratch  string // what it writes even without state: keys; removed when it is closed
	close    func() error
}

const (
	healthTime = 30 * time.Second
	// saveTime is what MiniStack gets to save its state; it takes a second.
	saveTime = 15 * time.Second
)

// StartMiniStack starts MiniStack and returns when it answers. ctx limits the
// start only.
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
	// As an orphan it is asked to end, not killed, so that it saves its state.
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

// command runs MiniStack. The script of a virtual environment names its Python by
// the path that the environment was made at; where it is now, its Python is
// beside the script.
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

// ErrStateDamaged is why MiniStack is not started on a state that it could not
// read: it would begin with an empty one, and save that over it.
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

// freeAddress makes sure that nothing else listens there: MiniStack's own
// complaint would be taken for somebody else's answer.
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
		// These two would listen on ports of their own, on every interface.
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

// Endpoint is the address for AWS clients.
func (m *MiniStack) Endpoint() string { return m.endpoint }

// Ended is closed when MiniStack has ended, by Close or by itself.
func (m *MiniStack) Ended() <-chan struct{} { return m.child.Done }

// Why says how MiniStack ended, and what it said last; only after Ended.
func (m *MiniStack) Why() string { return m.child.State() + ". " + m.child.Output.Last() }

// Close ends MiniStack, which saves its state.
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
