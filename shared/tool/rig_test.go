package tool_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/delivery/outbound"
	"github.com/quintet-agents/quintet/shared/secret"
	"github.com/quintet-agents/quintet/shared/tool"
)

// keys opens what it has sealed by prefixing it, and has one signing secret.
type keys struct{ signing string }

func (keys) OpenAgentSecret(_ context.Context, orgID, agentID string, s agent.Secret, sealed []byte) (string, error) {
	return strings.TrimPrefix(string(sealed), orgID+agentID+string(s)+":"), nil
}

func (k keys) Signing(context.Context, string, string) ([]string, error) {
	return []string{k.signing}, nil
}

func sealed(plain string) []byte { return []byte("oa" + string(agent.HeaderSecret) + ":" + plain) }

func newRunner() (*tool.Runner, keys) {
	k := keys{secret.New()}
	guard := outbound.NewGuard([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")})
	return &tool.Runner{Caller: outbound.NewClient(guard, nil, time.Now), Signer: k, Opener: k, Now: time.Now}, k
}

var owner = tool.Owner{OrgID: "o", AgentID: "a", ToolID: "t"}

// definition returns a tool that posts its arguments to a server.
func definition(url string, change ...func(*agent.Tool)) agent.Tool {
	t := agent.Tool{
		ID: "t", Type: agent.HTTPTool, Name: "order", Description: "Orders something", Method: http.MethodPost, URL: url,
		Parameters: json.RawMessage(`{"type":"object","properties":{"id":{"type":"string"},"n":{"type":"integer","minimum":1}},"required":["id"],"additionalProperties":false}`),
	}
	for _, c := range change {
		c(&t)
	}
	return t
}

func compile(t testing.TB, d agent.Tool) *tool.Compiled {
	t.Helper()
	c, err := tool.Compile(d)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// run calls a tool with arguments.
func run(t testing.TB, d agent.Tool, arguments string) tool.Outcome {
	t.Helper()
	runner, _ := newRunner()
	out, err := runner.Run(t.Context(), compile(t, d), tool.Use{Owner: owner, ID: tool.CallID("turn", "1"), Arguments: json.RawMessage(arguments)})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func serve(t testing.TB, h http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}
