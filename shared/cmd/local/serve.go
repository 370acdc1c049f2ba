package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/boot/login"
	"github.com/quintet-agents/quintet/shared/local"
	"github.com/quintet-agents/quintet/shared/model/scripted"
)

type options struct {
	binaries  string
	state     string
	ministack string
	port      string
}

const template = "template.yaml"

// serve starts everything, says where it is, and ends it all when ctx ends.
func serve(ctx context.Context, o options) (err error) {
	if err := os.MkdirAll(o.state, 0o750); err != nil {
		return err
	}
	file := demoFile(filepath.Join(o.state, "demo.json"))
	if err := file.withdraw(); err != nil {
		return err
	}
	fmt.Println("starting a local AWS (MiniStack) ...")
	aws, err := local.StartMiniStack(ctx, local.MiniStackOptions{Command: o.ministack, StateDir: filepath.Join(o.state, "aws"), Logs: os.Stderr})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, aws.Close()) }()

	environment, closeModel, err := chooseModel()
	if err != nil {
		return err
	}
	defer closeModel()

	fmt.Println("starting API Gateway and the functions ...")
	runner, err := local.Start(ctx, local.Options{
		Template: template, Environment: environment, Command: o.command(),
		Address: net.JoinHostPort("127.0.0.1", o.port), AWSEndpoint: aws.Endpoint(), Schedules: true, Logs: os.Stdout,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, runner.Close()) }()

	deps := boot.NewDeps(boot.Config{
		Table:    runner.Template().Tables()[0].Name(),
		UserPool: runner.Template().UserPools()[0].ID, UserPoolClient: runner.Template().UserPoolClients()[0].ID,
		Endpoint: aws.Endpoint(), Region: "us-east-1", AccessKeyID: "local", SecretAccessKey: "local",
	})
	demo, err := file.publish(ctx, deps.Store(), login.Directory(deps), runner.URL())
	if err != nil {
		return fmt.Errorf("demo data: %w", err)
	}
	defer func() { err = errors.Join(err, file.withdraw()) }()
	fmt.Print(demo.greeting())
	<-ctx.Done()
	fmt.Println("\nstopping ...")
	return nil
}

// command starts functions as processes of this very program, or the built
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

// chooseModel returns the variables that point the functions at a model: the
// OpenAI-compatible server that this shell names, or the local model.
func chooseModel() (environment map[string]string, closeModel func(), err error) {
	environment = map[string]string{}
	for _, name := range []string{"MODEL_BASE_URL", "MODEL_API_KEY", "MODEL_NAME"} {
		if value := os.Getenv(name); value != "" {
			environment[name] = value
		}
	}
	if environment["MODEL_BASE_URL"] != "" {
		return environment, func() {}, nil
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	server := &http.Server{Handler: scripted.Handler(scripted.Options{}), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(l) }()
	environment["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"] = "http://" + l.Addr().String()
	return environment, func() { _ = server.Close() }, nil
}
