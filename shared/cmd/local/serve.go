package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/delivery/outbound"
	"github.com/quintet-agents/quintet/shared/local"
	"github.com/quintet-agents/quintet/shared/local/engine"
	"github.com/quintet-agents/quintet/shared/local/logs"
	"github.com/quintet-agents/quintet/shared/local/sam"
	"github.com/quintet-agents/quintet/shared/routes"
)

type options struct {
	binaries  string
	state     string
	ministack string
	port      string
	metaGraph string // the URL of the Graph API
	instagram string // the URL of Instagram's Graph API
	twilio    string // the URL of Twilio's API
	networks  string // private networks that customers' URLs may lead to
}

const (
	template = "template.yaml"
	// accessBytes is the size limit of access.log and of access.log.1.
	accessBytes = 5 << 20
)

// serve checks the settings, locks the state folder, and serves from it until ctx
// ends.
func serve(ctx context.Context, o options) error {
	port, err := o.portNumber()
	if err != nil {
		return err
	}
	table, err := o.checkTemplate()
	if err != nil {
		return err
	}
	model, err := chooseModel(os.Getenv)
	if err != nil {
		return err
	}
	if _, err := outbound.ParseNetworks(o.networks); err != nil {
		return err
	}
	state, err := openState(o.state)
	if errors.Is(err, errServed) {
		return fmt.Errorf("%s is taken: %w already, and one clone serves once (`lsof %s` names it)", o.state, err, filepath.Join(o.state, "lock"))
	}
	if err != nil {
		return err
	}
	defer state.close()
	if err := state.demo().withdraw(); err != nil {
		return err
	}
	address, err := freeAddress(port)
	if err != nil {
		return err
	}
	return o.serveIn(ctx, state, address, table, model)
}

// serveIn starts everything, prints the URL, and stops everything when ctx ends.
func (o options) serveIn(ctx context.Context, state state, address, table string, model modelChoice) (err error) {
	fmt.Println("starting a local AWS (MiniStack) ...")
	aws, err := engine.StartMiniStack(ctx, engine.MiniStackOptions{
		Command: o.ministack, StateDir: state.aws(), Hold: []*os.File{state.lock}, Logs: os.Stderr,
	})
	if errors.Is(err, engine.ErrStateDamaged) {
		return fmt.Errorf("%w: `make reset` forgets it, or put a good copy in its place", err)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, aws.Close()) }()
	defer func() { err = causeOf(ctx, err, aws) }()

	closeModel, err := model.start()
	if err != nil {
		return err
	}
	defer closeModel()

	access, err := logs.OpenBounded(state.access(), accessBytes)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, access.Close()) }()

	fmt.Println("starting API Gateway and the functions ...")
	runner, err := local.Start(ctx, local.Options{
		Template: template, Environment: model.environment, Command: o.command(), URLVariable: "BASE_URL",
		Parameters: map[string]string{
			"PrivateNetworksAllowed": o.networks, "MetaGraphUrl": o.metaGraph, "InstagramGraphUrl": o.instagram, "TwilioApiUrl": o.twilio,
			// The rate of the demo orgs.
			"RequestsPerSecond": demoPerSecond, "RequestBurst": demoPerSecond,
		},
		Address: address, AWSEndpoint: aws.Endpoint(), Schedules: true, Logs: os.Stdout, Access: access,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, runner.Close()) }()

	defer func() { err = errors.Join(err, state.demo().withdraw()) }()
	if err := present(ctx, state.demo(), runner, aws.Endpoint(), table, model); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		fmt.Println("\nstopping ...")
		return nil
	case <-aws.Ended():
		return engineEnded(aws)
	}
}

// present makes the demo orgs, and prints what answers where.
func present(ctx context.Context, file demoFile, runner *local.Runner, endpoint, table string, model modelChoice) error {
	deps := boot.NewDeps(boot.Config{
		Table: table, Endpoint: endpoint, Region: "us-east-1", AccessKeyID: "local", SecretAccessKey: "local",
		UserPool: runner.Template().UserPools()[0].ID, UserPoolClient: runner.Template().UserPoolClients()[0].ID,
		SecretsKey: runner.Template().Keys()[0].ID,
	})
	demo, err := file.publish(ctx, deps, runner.URL())
	if err != nil {
		return fmt.Errorf("demo data: %w", err)
	}
	fmt.Print(demo.greeting(model), greetingOfMail(endpoint))
	if model.warning != "" {
		fmt.Println("\nBeware: " + model.warning + ".")
	}
	return nil
}

// causeOf returns engineEnded's error if MiniStack has exited, because err is then only a
// consequence.
func causeOf(ctx context.Context, err error, aws *engine.MiniStack) error {
	select {
	case <-aws.Ended():
		if err != nil && !errors.Is(err, errEnded) && ctx.Err() == nil {
			return engineEnded(aws)
		}
	default:
	}
	return err
}

var errEnded = errors.New("the local AWS (MiniStack) has exited, so nothing is served any more")

// engineEnded returns an error that also describes the state of the data. MiniStack is
// not restarted: the running functions would then find a table without the data that
// were written since the first start.
func engineEnded(aws *engine.MiniStack) error {
	return fmt.Errorf("%w: `make run` starts it again with what it saved last, and it saves nothing when it is killed. It ended with %s", errEnded, aws.Why())
}

func (o options) portNumber() (int, error) {
	if o.port == "" {
		return 3000, nil
	}
	n, err := strconv.Atoi(o.port)
	if err != nil || n < 0 || n > 65535 {
		return 0, fmt.Errorf("PORT is %s, not a number from 0 (any free port) to 65535", o.port)
	}
	return n, nil
}

// freeAddress returns the address of the port, or an error if it is in use.
func freeAddress(port int) (string, error) {
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	l, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return "", fmt.Errorf("%s is in use by another program: `PORT=3001 make run` listens elsewhere", address)
	}
	if err != nil {
		return "", err
	}
	return address, l.Close()
}

// checkTemplate returns the name of the table, and errors that would otherwise appear
// with the first request.
func (o options) checkTemplate() (table string, err error) {
	t, err := sam.Load(template, nil)
	if err != nil {
		return "", err
	}
	switch {
	case len(t.Tables()) == 0:
		return "", fmt.Errorf("%s has no table", template)
	case len(t.UserPools()) == 0:
		return "", fmt.Errorf("%s has no user pool", template)
	case len(t.UserPoolClients()) == 0:
		return "", fmt.Errorf("%s has no client of its user pool", template)
	case len(t.Keys()) == 0:
		return "", fmt.Errorf("%s has no key for secrets", template)
	}
	for _, f := range t.Functions() {
		if _, ok := routes.Find(f.Name); !ok && o.binaries == "" {
			return "", fmt.Errorf("%s has the function %s, which shared/routes does not: add its line there", template, f.Name)
		}
	}
	return t.Tables()[0].Name(), nil
}

// command returns the commands that run the functions: this program, or the built
// bootstraps.
func (o options) command() func(string) *exec.Cmd {
	if o.binaries != "" {
		return local.Binaries(o.binaries)
	}
	self, err := os.Executable()
	if err != nil {
		self = os.Args[0]
	}
	return func(function string) *exec.Cmd { return exec.Command(self, "function", function) } //nolint:gosec // our own program
}
