package mcp_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/delivery/outbound"
	"github.com/quintet-agents/quintet/shared/tool/mcp"
	"github.com/quintet-agents/quintet/shared/tool/pin"
)

// clock is a clock that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// rig is a client with a server that it knows.
type rig struct {
	client *mcp.Client
	server mcp.Server
	clock  *clock
	log    *log
}

// log has the messages that a server received.
type log struct {
	mu       sync.Mutex
	messages []message
}

type message struct {
	method string // of HTTP and of the protocol: POST tools/call
	header http.Header
}

func (l *log) add(m message) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.messages = append(l.messages, m)
}

func (l *log) all() []message {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]message(nil), l.messages...)
}

// count returns how often a message was received.
func (l *log) count(method string) int {
	n := 0
	for _, m := range l.all() {
		if m.method == method {
			n++
		}
	}
	return n
}

// watch logs what a handler receives.
func (l *log) watch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		l.add(message{method: strings.TrimSpace(r.Method + " " + methodOf(body)), header: r.Header.Clone()})
		next.ServeHTTP(w, r)
	})
}

func methodOf(body []byte) string {
	var m struct{ Method string }
	_ = json.Unmarshal(body, &m)
	return m.Method
}

// open serves a handler as an MCP server.
func open(t *testing.T, handler http.Handler) *rig {
	t.Helper()
	r := &rig{clock: &clock{now: time.Date(2026, time.November, 30, 12, 0, 0, 0, time.UTC)}, log: &log{}}
	server := httptest.NewServer(r.log.watch(handler))
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	guard := outbound.NewGuard([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")})
	r.client = mcp.New(outbound.NewHTTPClient(guard, nil).Transport, r.clock.Now)
	r.server = mcp.Server{OrgID: "org", Tool: agent.Tool{ID: "tool", Type: agent.MCPTool, URL: server.URL}}
	return r
}

// agree lets the agent use all tools that the server lists now.
func (r *rig) agree(t *testing.T) {
	t.Helper()
	found := r.discover(t)
	var choices []pin.Choice
	for _, f := range found {
		choices = append(choices, pin.Choice{Name: f.Name, SHA256: f.SHA256})
	}
	pins, err := pin.Agree(found, r.server.Tool.Allow, choices)
	if err != nil {
		t.Fatal(err)
	}
	r.server.Tool.Allow = pins
}

func (r *rig) discover(t *testing.T) []pin.Found {
	t.Helper()
	found, err := r.client.Discover(t.Context(), r.server)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func (r *rig) call(t *testing.T, name, arguments string) mcp.Result {
	t.Helper()
	return r.client.Call(t.Context(), r.server, name, json.RawMessage(arguments))
}

// revisions are the ways in which a server of the official SDK speaks.
var revisions = map[string]func(*sdk.Server) http.Handler{
	"2026-07-28": func(s *sdk.Server) http.Handler { return handlerOf(s, sdk.StreamableHTTPOptions{Stateless: true}) },
	"2026-07-28 in JSON": func(s *sdk.Server) http.Handler {
		return handlerOf(s, sdk.StreamableHTTPOptions{Stateless: true, JSONResponse: true})
	},
	"initialize with a session": func(s *sdk.Server) http.Handler { return legacy(handlerOf(s, sdk.StreamableHTTPOptions{})) },
	"initialize without a session": func(s *sdk.Server) http.Handler {
		return legacy(handlerOf(s, sdk.StreamableHTTPOptions{Stateless: true, JSONResponse: true}))
	},
}

func handlerOf(s *sdk.Server, o sdk.StreamableHTTPOptions) http.Handler {
	return sdk.NewStreamableHTTPHandler(func(*http.Request) *sdk.Server { return s }, &o)
}

// legacy refuses the messages of the revision 2026-07-28, as a server that does not know it.
func legacy(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		if methodOf(body) == "server/discover" || r.Header.Get("Mcp-Protocol-Version") > "2026" {
			http.Error(w, "Bad Request: no session", http.StatusBadRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

type city struct {
	City string `json:"city" jsonschema:"the name of a city"`
}

// weather is a server with three tools. Its list can change.
func weather() *sdk.Server {
	s := sdk.NewServer(&sdk.Implementation{Name: "weather", Version: "1"}, nil)
	sdk.AddTool(s, &sdk.Tool{Name: "forecast", Title: "Forecast", Description: "Tomorrow's weather"}, forecast)
	sdk.AddTool(s, &sdk.Tool{Name: "fail", Description: "Fails"}, func(context.Context, *sdk.CallToolRequest, city) (*sdk.CallToolResult, any, error) {
		return nil, nil, fmt.Errorf("the station is closed")
	})
	sdk.AddTool(s, &sdk.Tool{Name: "map.of", Description: "A map"}, func(context.Context, *sdk.CallToolRequest, city) (*sdk.CallToolResult, any, error) {
		return &sdk.CallToolResult{Content: []sdk.Content{
			&sdk.TextContent{Text: "a map"},
			&sdk.ImageContent{MIMEType: "image/png", Data: []byte("1234")},
			&sdk.AudioContent{MIMEType: "audio/wav", Data: []byte("12")},
			&sdk.ResourceLink{URI: "file:///map", Name: "map", MIMEType: "text/html"},
			&sdk.EmbeddedResource{Resource: &sdk.ResourceContents{URI: "file:///legend", MIMEType: "text/plain", Text: "blue: rain"}},
			&sdk.EmbeddedResource{Resource: &sdk.ResourceContents{URI: "file:///tile", Blob: []byte("x")}},
		}}, nil, nil
	})
	return s
}

func forecast(_ context.Context, _ *sdk.CallToolRequest, in city) (*sdk.CallToolResult, map[string]any, error) {
	return nil, map[string]any{"city": in.City, "degrees": 21}, nil
}
