// Package tool checks and runs the tools of agents. An HTTP tool is a request whose URL,
// headers and body are templates over the arguments that a model chose. Compile checks a
// definition when it is saved. A Runner checks the arguments against the tool's JSON Schema,
// sends the request, signed, to the customer's server, and reports what happened in words
// for the model. Box offers the tools of a deployed version to the turn engine; MCP servers
// join it as Servers.
//
// Neither a model nor a server is trusted. Arguments never change the host, the path's
// segments or the number of header lines; answers are bounded and read as text; the values
// of secret headers are masked wherever an answer repeats them.
package tool

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/fault"
)

// The limits of tools.
const (
	MaxName         = 64
	MaxDescription  = 2000     // characters
	MaxSchema       = 16 << 10 // bytes
	MaxArguments    = 64 << 10 // bytes
	MaxResult       = 64 << 10 // bytes that the model gets
	MinTimeout      = time.Second
	MaxTimeout      = 10 * time.Second
	maxFailureShown = 2 << 10 // bytes of the body of an answer that is no success
)

// ErrNotFound is the error of an unknown tool.
var ErrNotFound = fault.New(fault.NotFound, "Tool not found")

// Owner names a tool.
type Owner struct {
	OrgID   string
	AgentID string
	ToolID  string
}

// Opener opens the values of secret headers, which agent.Sealer has sealed.
type Opener interface {
	OpenAgentSecret(ctx context.Context, orgID, agentID string, s agent.Secret, sealed []byte) (string, error)
}

// Signer returns the secrets that sign an org's requests.
type Signer interface {
	Signing(ctx context.Context, orgID, name string) ([]string, error)
}

// Caller sends requests to customers' servers.
type Caller interface {
	Call(ctx context.Context, c delivery.Call) (delivery.Answer, error)
}

// CallID returns the idempotency id of a call. It belongs to the intent: a turn's call has
// one id, however often its request is sent.
func CallID(turnID, callID string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s", turnID, callID))
	return "call_" + base64.RawURLEncoding.EncodeToString(sum[:24])
}

// timeout returns the longest time of a call.
func timeout(t agent.Tool) time.Duration {
	if t.Timeout <= 0 {
		return MaxTimeout
	}
	return min(max(t.Timeout, MinTimeout), MaxTimeout)
}
