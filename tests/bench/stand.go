package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/dynamo"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/local"
	"github.com/quintet-agents/quintet/shared/local/engine"
	"github.com/quintet-agents/quintet/shared/local/sam"
	"github.com/quintet-agents/quintet/shared/thread"
)

// stand is the built product with its test bench: the store and the model that it uses, and the relay
// for comparison, as a server and as a function.
type stand struct {
	model  *model
	store  *store
	runner *local.Runner
	relay  server
	other  *local.Runner // runs the functions of another build; nil without one
	bare   *local.Runner // runs the relay as a function in place of the product's

	db    *dynamo.Store
	table string
	key   string // of an org with an agent
	agent agent.Agent

	secretsKey string // the KMS key of secrets

	closers []func() error
}

// server is a program that serves an address.
type server struct {
	url string
	pid int
}

func openStand(ctx context.Context, o options) (_ *stand, err error) {
	s := &stand{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	s.model = openModel()
	s.onClose(func() error { s.model.server.Close(); return nil })
	ministack, err := engine.StartMiniStack(ctx, engine.MiniStackOptions{Command: o.ministack})
	if err != nil {
		return nil, err
	}
	s.onClose(ministack.Close)
	template, err := sam.Load(o.template, nil)
	if err != nil {
		return nil, err
	}
	chosen, err := engine.Provision(ctx, template, ministack.Endpoint())
	if err != nil {
		return nil, err
	}
	for _, key := range template.Keys() {
		s.secretsKey = chosen[key.LogicalID]
	}
	table := template.Tables()[0]
	s.table = table.Name()
	s.store = openStore(ministack.Endpoint(), secondaries(table))
	s.onClose(func() error { s.store.server.Close(); return nil })
	s.db = boot.NewDeps(boot.Config{
		Table: s.table, Endpoint: ministack.Endpoint(), Region: "us-east-1", AccessKeyID: "bench", SecretAccessKey: "bench",
	}).Store()
	if err := s.seed(ctx); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	if err := s.startRelay(self); err != nil {
		return nil, err
	}
	if s.runner, err = s.start(ctx, o.template, local.Binaries(o.binaries)); err != nil {
		return nil, err
	}
	if o.other != "" {
		if s.other, err = s.start(ctx, o.template, otherBuild(o)); err != nil {
			return nil, err
		}
	}
	s.bare, err = s.start(ctx, o.template, func(string) *exec.Cmd { return exec.Command(self, "function", s.model.server.URL) })
	return s, err
}

// start runs functions. The runner has no local AWS and polls no queues, which would disturb the
// measurements.
func (s *stand) start(ctx context.Context, template string, command func(string) *exec.Cmd) (*local.Runner, error) {
	r, err := local.Start(ctx, local.Options{
		Template: template, Command: command, Address: "127.0.0.1:0", Logs: os.Stderr,
		Parameters: map[string]string{"RequestsPerSecond": "1000000", "RequestBurst": "1000000"},
		Environment: map[string]string{
			"AWS_ENDPOINT_URL": s.store.server.URL, "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": s.model.server.URL,
			"AWS_LAMBDA_LOG_LEVEL": "ERROR", "SECRETS_KEY_ID": s.secretsKey,
		},
	})
	if err == nil {
		s.onClose(r.Close)
	}
	return r, err
}

// otherBuild returns the commands of another build, and those of the measured build for
// functions that the other does not have.
func otherBuild(o options) func(string) *exec.Cmd {
	measured, other := local.Binaries(o.binaries), local.Binaries(o.other)
	return func(function string) *exec.Cmd {
		if cmd := other(function); exists(cmd.Path) {
			return cmd
		}
		return measured(function)
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func (s *stand) onClose(f func() error) { s.closers = append(s.closers, f) }

// close stops everything in reverse order.
func (s *stand) close() error {
	var all error
	for _, v := range slices.Backward(s.closers) {
		all = errors.Join(all, v())
	}
	return all
}

// startRelay runs this program again in a separate process, like a function.
func (s *stand) startRelay(self string) error {
	cmd := exec.Command(self, "relay", s.model.server.URL)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	s.onClose(func() error { _ = cmd.Process.Kill(); _ = cmd.Wait(); return nil })
	line, err := bufio.NewReader(out).ReadString('\n')
	s.relay = server{url: strings.TrimSpace(line), pid: cmd.Process.Pid}
	return err
}

// seed creates an org with enough credits for all measurements.
func (s *stand) seed(ctx context.Context) error {
	now := time.Now()
	org := identity.Org{ID: newID(), Name: "bench", CreatedAt: now}
	money := ledger.NewAccount(org.ID, 1_000_000*ledger.Credit)
	money.Limits.RatePerMinute, money.Limits.KeyRatePerMinute = 1e6, 1e6
	if err := s.db.CreateOrg(ctx, org, money); err != nil {
		return err
	}
	raw, key, err := identity.Mint(identity.Key{ID: newID(), OrgID: org.ID, Name: "bench", Prefix: "fj", CreatedAt: now}, rand.Reader)
	if err != nil {
		return err
	}
	if err := s.db.CreateKey(ctx, nil, key); err != nil {
		return err
	}
	s.key = raw
	a, draft := agent.New(org.ID, "Bench", "", "You are a helpful assistant.", now)
	if err := s.db.CreateAgent(ctx, nil, a, draft); err != nil {
		return err
	}
	d, err := s.db.DeployVersion(ctx, nil, org.ID, a.ID, draft.ID, now)
	s.agent = d.Agent
	return err
}

// thread creates a thread and returns its id.
func (s *stand) thread(ctx context.Context) (string, error) {
	t := thread.New(s.agent.OrgID, s.agent.ID, time.Now())
	return t.ID, s.db.CreateThread(ctx, nil, t)
}

func messagesURL(r *local.Runner, threadID string) string {
	return fmt.Sprintf("%s/api/threads/%s/messages", r.URL(), threadID)
}

// chat returns the function that answers messages.
const chat = "flapjack-message-create"

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// secondaries returns a table's indexes by name.
func secondaries(t sam.Table) map[string]secondary {
	indexes := map[string]secondary{}
	for _, g := range t.Create.GlobalSecondaryIndexes {
		s := secondary{}
		for _, k := range append(g.KeySchema, t.Create.KeySchema...) {
			s.keys = append(s.keys, *k.AttributeName)
		}
		if g.Projection.ProjectionType != types.ProjectionTypeAll {
			s.projects = append([]string{}, g.Projection.NonKeyAttributes...)
		}
		indexes[*g.IndexName] = s
	}
	return indexes
}
