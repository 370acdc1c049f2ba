// Package mcp calls the tools of MCP servers (Model Context Protocol, streamable HTTP) with
// the official SDK, in the revision 2026-07-28 and in those that begin with initialize.
//
// A Client checks a Server's list of tools before it calls one, and keeps the result for a
// while (see list). Package pin decides which tools may be used. A server is a stranger: wire
// bounds what it can send, and all requests go through a guarded transport. There is no
// discovery of authorization servers, no stream for the server's own requests, and no request
// is sent twice.
package mcp

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/tool/pin"
)

const userAgent = "Quintet-MCP/1"

// callTime bounds a call of a tool, with the check of the server's list before it.
const callTime = 10 * time.Second

// Server is an MCP server as an agent's version has it.
type Server struct {
	OrgID string
	Tool  agent.Tool // of the type agent.MCPTool

	// Headers opens the secret headers. nil: there are none.
	Headers func(ctx context.Context) (map[string]string, error)
}

// Client calls tools of MCP servers.
type Client struct {
	next http.RoundTripper
	sdk  *sdk.Client
	now  func() time.Time
	time time.Duration // of a call

	mu    sync.Mutex
	known map[string]*entry // by key
}

// New returns a client that sends its requests over the transport, which must be guarded, must
// follow no redirect and use no proxy (see outbound.NewHTTPClient). It takes the transport and
// not the client, because the client's timeout would end calls that are in time.
func New(guarded http.RoundTripper, now func() time.Time) *Client {
	return &Client{
		next: guarded, now: now, time: callTime, known: map[string]*entry{},
		sdk: sdk.NewClient(&sdk.Implementation{Name: "Quintet", Version: "1"}, &sdk.ClientOptions{
			Capabilities:   &sdk.ClientCapabilities{}, // nothing that a server could ask for
			MultiRoundTrip: &sdk.MultiRoundTripOptions{Disabled: true},
		}),
	}
}

// Result is the outcome of a call, in words for the model.
type Result struct {
	Text   string
	Failed bool
}

func failed(format string, args ...any) Result {
	return Result{Text: fmt.Sprintf(format, args...), Failed: true}
}

// Call calls a tool by the server's name of it. It calls only a tool that somebody agreed to
// and that the server still lists in the same form. Arguments are a JSON object; the caller has
// checked them. All failures are results. A call that may have reached the server is not
// repeated.
func (c *Client) Call(ctx context.Context, s Server, name string, arguments json.RawMessage) Result {
	agreed, ok := pinned(s, name)
	if !ok {
		return failed("nobody agreed to the use of the tool %s", name)
	}
	ctx, cancel := context.WithTimeout(ctx, c.time)
	defer cancel()
	e := c.entry(s)
	for range 2 {
		l, err := e.current(ctx, c, s)
		if err != nil {
			return failed("the tool was not called, because the list of its server cannot be read: %s", err)
		}
		if now := l.hashes[name]; now != agreed.SHA256 {
			return changed(name, now)
		}
		result, gone := l.call(ctx, name, arguments)
		if !gone {
			if result.broken {
				e.drop(l)
			}
			return result.Result
		}
		e.drop(l) // the server ended the session before it read the call
	}
	return failed("the server ends each session before it reads a call")
}

func changed(name, now string) Result {
	if now == "" {
		return failed("the server does not have the tool %s any more", name)
	}
	return failed("the tool %s was changed by its server, and nobody agreed to the change yet", name)
}

// pinned returns the pin of a tool, if it can be read.
func pinned(s Server, name string) (agent.Pin, bool) {
	for _, p := range s.Tool.Allow {
		if p.Name == name {
			_, err := pin.Read(p)
			return p, err == nil
		}
	}
	return agent.Pin{}, false
}

// Refused reports which pinned tools of a server should not be offered, because the latest
// list does not have them in the form that somebody agreed to. It answers at once from what is
// known. If the known list is old, it is read again beside the caller, so that it is there when
// the model calls a tool.
func (c *Client) Refused(ctx context.Context, s Server) func(name string) bool {
	e := c.entry(s)
	l := e.latest()
	if l == nil || l.old(c.now()) {
		beside, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.time)
		go func() {
			defer cancel()
			_, _ = e.current(beside, c, s) // a call reports the error
		}()
	}
	return func(name string) bool {
		i := slices.IndexFunc(s.Tool.Allow, func(p agent.Pin) bool { return p.Name == name })
		return i < 0 || l != nil && l.hashes[name] != s.Tool.Allow[i].SHA256
	}
}

// Discover reads what a server lists now, compared with what somebody agreed to. An error is
// an Invalid of the field url, because the server's address or headers are to be changed.
func (c *Client) Discover(ctx context.Context, s Server) ([]pin.Found, error) {
	ctx, cancel := context.WithTimeout(ctx, c.time)
	defer cancel()
	e := c.entry(s)
	l, err := e.read(ctx, c, s)
	if err != nil {
		return nil, fault.Field("url", "url must be of an MCP server that lists its tools: %s", err)
	}
	return pin.Compare(l.definitions, s.Tool.Allow), nil
}
