// Package dynamotest opens real tables for tests, on MiniStack or on the engine that
// DYNAMODB_ENDPOINT names, such as Amazon's DynamoDB Local. Without an engine the tests fail;
// they are not skipped.
package dynamotest

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/quintet-agents/quintet/shared/awshttp"
	"github.com/quintet-agents/quintet/shared/dynamo"
	"github.com/quintet-agents/quintet/shared/local/engine"
	"github.com/quintet-agents/quintet/shared/local/sam"
)

var endpoint string

// Main runs a package's tests with an engine; call it from TestMain.
func Main(m *testing.M) {
	os.Exit(Run(m))
}

// Run is Main for a TestMain with further work: it returns the exit status.
func Run(m *testing.M) int {
	if endpoint = os.Getenv("DYNAMODB_ENDPOINT"); endpoint != "" {
		return m.Run()
	}
	command := os.Getenv("MINISTACK")
	if command == "" {
		command = filepath.Join(Root(), ".venv", "bin", "ministack")
	}
	ministack, err := engine.StartMiniStack(context.Background(), engine.MiniStackOptions{Command: command})
	if err != nil {
		fmt.Fprintf(os.Stderr, "these tests need MiniStack: run `make test`, which installs it (%v)\n", err)
		return 1
	}
	defer func() { _ = ministack.Close() }()
	endpoint = ministack.Endpoint()
	return m.Run()
}

// Root returns the project's folder.
func Root() string {
	dir, err := os.Getwd()
	for err == nil {
		if _, statErr := os.Stat(filepath.Join(dir, "go.mod")); statErr == nil {
			return dir
		}
		if parent := filepath.Dir(dir); parent != dir {
			dir = parent
			continue
		}
		break
	}
	panic("not inside the project")
}

// Endpoint returns the engine's address.
func Endpoint() string { return endpoint }

// Table is a test's own table with the template's keys and indexes.
type Table struct {
	Name   string
	Client *dynamodb.Client
	Store  *dynamo.Store
	Now    func() time.Time
}

var tables atomic.Int64

// Option is an option of Open.
type Option func(*settings)

type settings struct {
	transport  http.RoundTripper
	now        func() time.Time
	retryer    aws.Retryer
	contention time.Duration
}

// Through sends the store's calls through the test's transport.
func Through(t http.RoundTripper) Option { return func(s *settings) { s.transport = t } }

// Eager makes the store's client retry without waiting.
func Eager() Option { return func(s *settings) { s.retryer = eager{dynamo.Retryer()} } }

type eager struct{ aws.Retryer }

func (eager) RetryDelay(int, error) (time.Duration, error) { return 0, nil }

// At sets the store's clock.
func At(now func() time.Time) Option { return func(s *settings) { s.now = now } }

// Contention bounds the retries of a change that loses to concurrent ones. Without it they end
// with the test, so that no outcome depends on the machine's speed.
func Contention(d time.Duration) Option { return func(s *settings) { s.contention = d } }

// Open creates a table for the test and deletes it afterwards.
func Open(t testing.TB, options ...Option) Table {
	t.Helper()
	template, err := sam.Load(filepath.Join(Root(), "template.yaml"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(template.Tables()) == 0 {
		t.Fatal("template.yaml has no table")
	}
	create := template.Tables()[0].Create
	create.TableName = aws.String(fmt.Sprintf("test-%d-%d", os.Getpid(), tables.Add(1)))
	create.DeletionProtectionEnabled = aws.Bool(false)

	plain := client(defaults())
	if _, err := plain.CreateTable(context.Background(), create); err != nil {
		t.Fatalf("create the table: %v", err)
	}
	t.Cleanup(func() {
		_, _ = plain.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: create.TableName})
	})
	return Table{Name: *create.TableName, Client: plain}.Beside(options...)
}

// Beside returns the same table with a new store, like that of another process.
func (b Table) Beside(options ...Option) Table {
	s := defaults()
	for _, o := range options {
		o(&s)
	}
	b.Now, b.Store = s.now, dynamo.New(client(s), b.Name, s.now, dynamo.Contention(s.contention))
	return b
}

// unbounded is longer than any run of the tests.
const unbounded = 24 * time.Hour

func defaults() settings {
	return settings{transport: http.DefaultTransport, now: time.Now, retryer: dynamo.Retryer(), contention: unbounded}
}

func client(s settings) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region: "us-east-1", BaseEndpoint: &endpoint, Retryer: s.retryer,
		HTTPClient: awshttp.PlainBodies(&http.Client{Transport: s.transport}),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	})
}
