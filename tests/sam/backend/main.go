// Command backend serves the parts of AWS that the functions need under SAM CLI or MiniStack, at one
// address: MiniStack, and the local model under the Bedrock Runtime's path.
//
//	backend serve HOST FOLDER                   runs until it is stopped; writes its address to FOLDER/endpoint
//	backend create ENDPOINT                     creates the template's table, user pool and key, prints their ids and the client's
//	backend seed ENDPOINT TABLE KEY             stores the example data, prints their key; KEY is the id of the key that seals
//	backend login ENDPOINT TABLE POOL CLIENT    logs their owner in, prints the session token
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/boot/later"
	"github.com/quintet-agents/quintet/shared/boot/login"
	"github.com/quintet-agents/quintet/shared/local/engine"
	"github.com/quintet-agents/quintet/shared/local/sam"
	"github.com/quintet-agents/quintet/shared/model/scripted"
	"github.com/quintet-agents/quintet/tests/sam/example"
)

const (
	ministack = ".venv/bin/ministack"
	template  = "template.yaml"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "backend:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	switch {
	case len(args) == 3 && args[0] == "serve":
		return serve(ctx, args[1], args[2])
	case len(args) == 2 && args[0] == "create":
		return create(ctx, args[1])
	case len(args) == 4 && args[0] == "seed":
		return seed(ctx, args[1], args[2], args[3])
	case len(args) == 5 && args[0] == "login":
		return logIn(ctx, args[1], args[2], args[3], args[4])
	}
	return errors.New("usage: backend serve HOST FOLDER | create ENDPOINT | seed ENDPOINT TABLE KEY | login ENDPOINT TABLE POOL CLIENT")
}

// serve listens at an address that containers reach; MiniStack itself stays on loopback.
func serve(ctx context.Context, host, folder string) (err error) {
	aws, err := engine.StartMiniStack(ctx, engine.MiniStackOptions{
		Command: ministack, StateDir: filepath.Join(folder, "aws"), Logs: os.Stderr,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, aws.Close()) }()
	target, err := url.Parse(aws.Endpoint())
	if err != nil {
		return err
	}
	routes := http.NewServeMux()
	routes.Handle("/model/", scripted.Handler(scripted.Options{}))
	routes.Handle("/", httputil.NewSingleHostReverseProxy(target))
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return err
	}
	server := &http.Server{Handler: routes, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(l) }()
	defer func() { err = errors.Join(err, server.Close()) }()
	if err := publish(filepath.Join(folder, "endpoint"), "http://"+l.Addr().String()); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// publish writes a file atomically.
func publish(path, content string) error {
	if err := os.WriteFile(path+".new", []byte(content), 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

func create(ctx context.Context, endpoint string) error {
	project, err := sam.Load(template, nil)
	if err != nil {
		return err
	}
	chosen, err := engine.Provision(ctx, project, endpoint)
	if err != nil {
		return err
	}
	pool, client := project.UserPools()[0].LogicalID, project.UserPoolClients()[0].LogicalID
	fmt.Println(project.Tables()[0].Name(), chosen[pool], chosen[client], chosen[project.Keys()[0].LogicalID])
	return nil
}

func logIn(ctx context.Context, endpoint, table, pool, client string) error {
	deps := boot.NewDeps(boot.Config{
		Table: table, UserPool: pool, UserPoolClient: client,
		Endpoint: endpoint, Region: "us-east-1", AccessKeyID: "local", SecretAccessKey: "local",
	})
	token, err := example.LogIn(ctx, deps.Store(), login.Directory(deps))
	if err != nil {
		return err
	}
	fmt.Println(token)
	return nil
}

func seed(ctx context.Context, endpoint, table, secretsKey string) error {
	deps := boot.NewDeps(boot.Config{
		Table: table, SecretsKey: secretsKey, Endpoint: endpoint, Region: "us-east-1", AccessKeyID: "local", SecretAccessKey: "local",
	})
	if err := example.Seed(ctx, deps.Store(), later.Credentials(deps), later.AutomationSecrets(deps)); err != nil {
		return err
	}
	key, _, err := example.Key()
	if err != nil {
		return err
	}
	fmt.Println(key)
	return nil
}
