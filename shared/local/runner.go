package local

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/quintet-agents/quintet/shared/local/engine"
	"github.com/quintet-agents/quintet/shared/local/gateway"
	"github.com/quintet-agents/quintet/shared/local/lambda"
	"github.com/quintet-agents/quintet/shared/local/listen"
	"github.com/quintet-agents/quintet/shared/local/logs"
	"github.com/quintet-agents/quintet/shared/local/sam"
)

// Options select the project and the settings of a Runner.
type Options struct {
	Template    string                          // path of template.yaml
	Parameters  map[string]string               // override the defaults of the template's parameters
	Environment map[string]string               // variables of every function, which override the template's
	URLVariable string                          // variable of every function that has the URL of the REST API; empty: none has
	Command     func(function string) *exec.Cmd // returns a function's command; the runner adds to its Env
	Address     string                          // to listen on; empty for 127.0.0.1:3000, port 0 for any free one
	Tables      map[string]string               // from a table of the template to the table whose stream is read instead
	AWSEndpoint string                          // URL of a local AWS, the functions' AWS_ENDPOINT_URL; empty: no tables, queues, pollers
	Schedules   bool                            // run the template's schedules
	Concurrency int                             // processes per function; 0 for 1000
	Logs        io.Writer                       // the functions' output and the runner's; nil for none
	Access      io.Writer                       // the access log: a line per request; nil for none
}

// Runner is a running SAM project.
type Runner struct {
	template *sam.Template
	pools    map[string]*lambda.Pool // by function
	gateway  *gateway.Gateway
	server   *http.Server
	listener net.Listener
	log      *logs.Logger

	stop    context.CancelFunc // ends the event sources
	sources sync.WaitGroup
	clients engine.Clients // zero without a local AWS
	close   func() error
}

// Start runs a project: it creates missing tables, queues and user pools, listens, and
// returns when it is ready for requests. ctx limits only the start; Close stops
// everything.
func Start(ctx context.Context, o Options) (*Runner, error) {
	if o.Address == "" {
		o.Address = "127.0.0.1:3000"
	}
	o.AWSEndpoint = strings.TrimSuffix(o.AWSEndpoint, "/")
	t, err := prepare(ctx, o)
	if err != nil {
		return nil, err
	}
	r := &Runner{template: t, pools: map[string]*lambda.Pool{}, log: logs.New(o.Logs)}
	r.close = sync.OnceValue(r.shutdown)
	if r.listener, err = listen.TCP(o.Address); err != nil {
		return nil, err
	}
	if err := r.addPools(o); err != nil {
		return nil, errors.Join(err, r.listener.Close())
	}
	r.gateway = gateway.New(t, r.begin, r.log, accessLog(o.Access))
	r.server = &http.Server{Handler: r.gateway, ReadHeaderTimeout: 30 * time.Second}
	go func() { _ = r.server.Serve(r.gateway.Listener(r.listener)) }() // ends with Close

	var alive context.Context
	alive, r.stop = context.WithCancel(context.Background())
	if err := r.startSources(ctx, alive, o); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	for _, notice := range t.Notices() {
		r.log.Printf("%s", notice)
	}
	return r, nil
}

// prepare loads the template and provisions its resources. If the local AWS generates ids,
// prepare loads the template again with them.
func prepare(ctx context.Context, o Options) (*sam.Template, error) {
	endpoint := cmp.Or(o.AWSEndpoint, sam.DefaultEndpoint)
	t, err := sam.LoadFor(o.Template, o.Parameters, endpoint, nil)
	if err != nil || o.AWSEndpoint == "" {
		return t, err
	}
	chosen, err := engine.Provision(ctx, t, o.AWSEndpoint)
	if err != nil || len(chosen) == 0 {
		return t, err
	}
	return sam.LoadFor(o.Template, o.Parameters, endpoint, chosen)
}

// addPools adds an empty pool for every function.
func (r *Runner) addPools(o Options) error {
	extra := map[string]string{}
	if o.AWSEndpoint != "" {
		extra["AWS_ENDPOINT_URL"] = o.AWSEndpoint
	}
	if o.URLVariable != "" {
		extra[o.URLVariable] = r.URL()
	}
	maps.Copy(extra, o.Environment)
	for _, f := range r.template.Functions() {
		if path := o.Command(f.Name).Path; !isProgram(path) {
			return fmt.Errorf("function %s has no binary: there is nothing to run at %s", f.Name, path)
		}
		command := func() *exec.Cmd { return o.Command(f.Name) }
		r.pools[f.Name] = lambda.NewPool(f, command, extra, o.Concurrency, r.log)
	}
	return nil
}

func isProgram(path string) bool {
	path, err := exec.LookPath(path)
	if err != nil {
		return false
	}
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// URL returns the URL of the REST API, without a trailing slash.
func (r *Runner) URL() string { return "http://" + r.listener.Addr().String() }

// Template returns the project's template.
func (r *Runner) Template() *sam.Template { return r.template }

// Invoke runs a function with the given payload and returns its answer, like `aws lambda
// invoke`. If the function fails, the error is a *FunctionError. ctx limits the wait for a
// free process; the function has its own timeout.
func (r *Runner) Invoke(ctx context.Context, function string, payload []byte) ([]byte, error) {
	return lambda.ReadAll(r.begin(ctx, function, payload))
}

func (r *Runner) begin(ctx context.Context, function string, payload []byte) (lambda.Reply, error) {
	pool, ok := r.pools[function]
	if !ok {
		return lambda.Reply{}, fmt.Errorf("the template has no function %q", function)
	}
	return pool.Invoke(ctx, payload)
}

// Processes returns the ids of a function's live processes.
func (r *Runner) Processes(function string) []int {
	pool, ok := r.pools[function]
	if !ok {
		return nil
	}
	return pool.PIDs()
}

// Close stops everything that the runner has started, and waits for it. It interrupts
// running requests.
func (r *Runner) Close() error { return r.close() }

func (r *Runner) shutdown() error {
	r.stop()
	var pools sync.WaitGroup
	for _, pool := range r.pools {
		pools.Go(pool.Close)
	}
	// Without their processes all requests end, except those whose client does
	// not read.
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	err := r.server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = r.server.Close()
	}
	pools.Wait()
	r.sources.Wait()
	r.gateway.Wait()
	if r.clients.HTTP != nil {
		r.clients.Close()
	}
	return err
}

// Binaries returns commands that run dir/<function>/bootstrap, the layout of a SAM build.
func Binaries(dir string) func(function string) *exec.Cmd {
	return func(function string) *exec.Cmd {
		path := filepath.Join(dir, function, "bootstrap")
		if absolute, err := filepath.Abs(path); err == nil {
			path = absolute
		}
		return exec.Command(path)
	}
}
