package run_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestRefuse_InvalidPort(t *testing.T) {
	for _, port := range []string{"abc", "-1", "65536"} {
		p := start(t, t.TempDir(), port)
		p.refused(t, "PORT is "+port)
		if strings.Contains(p.output.String(), "starting") {
			t.Errorf("got a start before the refusal, want none:\n%s", p.output)
		}
	}
}

func TestRefuse_InvalidModelURL(t *testing.T) {
	p := start(t, t.TempDir(), freePort(t), func(cmd *exec.Cmd) { cmd.Env = append(cmd.Env, "MODEL_BASE_URL=localhost:11434/v1") })
	p.refused(t, "MODEL_BASE_URL is localhost:11434/v1", "http://")
}

func TestRefuse_InvalidNetwork(t *testing.T) {
	p := start(t, t.TempDir(), freePort(t), func(cmd *exec.Cmd) { cmd.Env = append(cmd.Env, "PRIVATE_NETWORKS_ALLOWED=10.0.0.0/8 bogus") })
	p.refused(t, `PRIVATE_NETWORKS_ALLOWED has "bogus"`, "10.0.0.0/8")
}

// The greeting suggests directives only if the local model answers.
func TestGreeting_Model(t *testing.T) {
	for name, tc := range map[string]struct {
		env       []string
		want, not string
	}{
		"a name only":  {[]string{"MODEL_NAME=llama3.2"}, "Beware: MODEL_NAME is llama3.2", "llama3.2 at"},
		"a real model": {[]string{"MODEL_NAME=llama3.2", "MODEL_BASE_URL=http://127.0.0.1:9/v1"}, "llama3.2 at http://127.0.0.1:9/v1", "[["},
	} {
		t.Run(name, func(t *testing.T) {
			p := start(t, t.TempDir(), freePort(t), func(cmd *exec.Cmd) { cmd.Env = append(cmd.Env, tc.env...) })
			p.ready(t)
			p.interrupt(t)
			if got := p.output.String(); !strings.Contains(got, tc.want) || strings.Contains(got, tc.not) {
				t.Errorf("got %[3]s\nwant %[1]q and not %[2]q", tc.want, tc.not, got)
			}
		})
	}
}

const (
	noResources = "Transform: AWS::Serverless-2016-10-31\nResources:"
	table       = `
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{AttributeName: PK, AttributeType: S}]
      KeySchema: [{AttributeName: PK, KeyType: HASH}]
      BillingMode: PAY_PER_REQUEST
`
	pool = `
  Users:
    Type: AWS::Cognito::UserPool
`
	client = `
  UserClient:
    Type: AWS::Cognito::UserPoolClient
    Properties: {UserPoolId: !Ref Users}
`
	secretsKey = `
  SecretsKey:
    Type: AWS::KMS::Key
`
	nobody = `
  Nobody:
    Type: AWS::Serverless::Function
    Properties: {FunctionName: nobody, CodeUri: functions/nobody, Handler: bootstrap, Runtime: provided.al2023}
`
)

func TestRefuse_InvalidTemplate(t *testing.T) {
	for name, tc := range map[string]struct{ template, want string }{
		"nothing":               {noResources + " {}\n", "template.yaml has no table"},
		"no users":              {noResources + table, "template.yaml has no user pool"},
		"no client of the pool": {noResources + table + pool, "template.yaml has no client of its user pool"},
		"no key":                {noResources + table + pool + client, "template.yaml has no key for secrets"},
		"an unknown function":   {noResources + table + pool + client + secretsKey + nobody, "the function nobody"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "template.yaml"), []byte(tc.template), 0o600); err != nil {
				t.Fatal(err)
			}
			start(t, t.TempDir(), freePort(t), func(cmd *exec.Cmd) { cmd.Dir = dir }).refused(t, tc.want)
		})
	}
}

// MiniStack would start without the damaged data, and overwrite them.
func TestRefuse_DamagedData(t *testing.T) {
	state := t.TempDir()
	path := filepath.Join(state, "aws", "dynamodb.json")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	const half = `{"__ministack_format__": 2, "payload": {"tab`
	if err := os.WriteFile(path, []byte(half), 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, state, freePort(t)).refused(t, path, "make reset")
	if left, err := os.ReadFile(path); err != nil || string(left) != half {
		t.Errorf("got the file changed to %q (%v), want it unchanged", left, err)
	}
}
