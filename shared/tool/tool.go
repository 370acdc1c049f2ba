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
	MaxTools        = 64        // of a version
	MaxStored       = 300 << 10 // bytes of all tools of a version
	MaxName         = 64
	MaxDescription  = 2000     // characters
	MaxSchema       = 16 << 10 // bytes
	MaxArguments    = 64 << 10 // bytes
	MaxResult       = 64 << 10 // bytes that the model gets
	MaxHeaders      = 20
	MaxHeader       = 2000 // bytes of a header's template, or of a secret's value
	minSecret       = 4    // characters; a shorter value could not be masked
	MinTimeout      = time.Second
	MaxTimeout      = 10 * time.Second
	maxFailureShown = 2 << 10 // bytes of the body of an answer that is no success
)

// Errors of tools.
var (
	ErrNotFound = fault.New(fault.NotFound, "Tool not found")
	ErrTooMany  = fault.New(fault.Conflict, "A version can have at most %d tools", MaxTools)
	ErrTooLarge = fault.New(fault.Conflict, "All tools of a version can have at most %d KiB", MaxStored>>10)
)

// Owner names a tool. Secret headers are sealed for one owner and open for no other.
type Owner struct {
	OrgID   string
	AgentID string
	ToolID  string
}

// Sealer seals the values of secret headers. It cannot open them.
type Sealer interface {
	SealHeader(ctx context.Context, o Owner, name, plain string) ([]byte, error)
}

// Opener opens the values of secret headers.
type Opener interface {
	OpenHeader(ctx context.Context, o Owner, name string, sealed []byte) (string, error)
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
