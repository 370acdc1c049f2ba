package tool

import (
	"context"
	"encoding/json"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/model"
)

// Store reads the tools of versions.
type Store interface {
	Tools(ctx context.Context, orgID, agentID, versionID string) ([]agent.Tool, error)
}

// Servers are MCP servers as a source of tools.
type Servers interface {
	// Offer returns what a model is offered of a server's tools, but for their names: those that
	// somebody agreed to. It depends on nothing but the server's definition.
	Offer(server agent.Tool) []model.Tool

	// Name returns the name under which a model calls a server's tool. taken reports whether
	// another tool has a name already.
	Name(server agent.Tool, name string, taken func(name string) bool) string

	// Refused reports which tools are not offered now, because they have changed. It does not
	// wait for the server.
	Refused(ctx context.Context, s Server) func(name string) bool

	// Call calls a tool by the server's name of it. All failures are results in words.
	Call(ctx context.Context, s Server, name string, arguments json.RawMessage) (text string, failed bool)
}

// Server is an MCP server of a version.
type Server struct {
	Owner   Owner
	Tool    agent.Tool                                           // of the type agent.MCPTool
	Headers func(ctx context.Context) (map[string]string, error) // opens the secret headers
}

// Box offers the tools of an agent's deployed version to its model, and calls them. It is the
// turn.Toolbox of functions that run turns. An agent without tools costs it nothing.
type Box struct {
	Store   Store
	Runner  *Runner
	Servers Servers // nil: MCP servers are not called

	versions shelf
}

// Tools returns what the model is offered.
func (b *Box) Tools(ctx context.Context, live agent.Live) ([]model.Tool, error) {
	all, err := b.open(ctx, live)
	if err != nil || all == nil {
		return nil, err
	}
	tools := make([]model.Tool, 0, len(all))
	for _, e := range all {
		tools = append(tools, e.tool)
	}
	return tools, nil
}

// Call calls a tool that the version has. The error's text goes to the model.
func (b *Box) Call(ctx context.Context, live agent.Live, turnID string, call model.ToolCall) (string, error) {
	all, err := b.open(ctx, live)
	if err != nil {
		return "", err
	}
	for _, e := range all {
		if e.tool.Name == call.Name {
			return b.call(ctx, e, CallID(turnID, call.ID), call.Input)
		}
	}
	return "", failure("unknown tool: " + call.Name)
}

func (b *Box) call(ctx context.Context, e entry, id string, arguments json.RawMessage) (string, error) {
	if e.http == nil {
		return b.callServer(ctx, e, arguments)
	}
	compiled, err := e.http.get()
	if err != nil {
		return "", err
	}
	out, err := b.Runner.Run(ctx, compiled, Use{Owner: e.server.Owner, ID: id, Arguments: arguments})
	if err != nil {
		return "", err
	}
	if out.Failed {
		return "", failure(out.Text)
	}
	return out.Text, nil
}

// callServer calls a tool of an MCP server. Its schema is checked here if it is one that
// CompileSchema takes; the server checks the others.
func (b *Box) callServer(ctx context.Context, e entry, arguments json.RawMessage) (string, error) {
	if schema, err := CompileSchema("parameters", e.tool.Schema); err == nil {
		if _, err := schema.Check(arguments); err != nil {
			return "", failure(wrongArguments + err.Error())
		}
	}
	hide, err := b.Runner.Mask(ctx, e.server.Tool, e.server.Owner)
	if err != nil {
		return "", err
	}
	text, failed := b.Servers.Call(ctx, e.server, e.name, arguments)
	if text = hide(text); failed {
		return "", failure(text)
	}
	return text, nil
}

// failure is the error of a call that failed for a reason that the model may read.
func failure(text string) error { return &fault.Error{Code: fault.Conflict, Message: text} }

// entry is a tool that the model is offered.
type entry struct {
	tool   model.Tool
	http   *lazy  // nil: a tool of an MCP server
	name   string // the MCP server's
	server Server
}

// open returns the tools of the deployed version.
func (b *Box) open(ctx context.Context, live agent.Live) ([]entry, error) {
	if live.Tools == 0 || live.Deployed == nil {
		return nil, nil
	}
	v, err := b.versions.get(live.OrgID+" "+live.AgentID+" "+live.Deployed.ID, func() ([]agent.Tool, error) {
		return b.Store.Tools(ctx, live.OrgID, live.AgentID, live.Deployed.ID)
	})
	if err != nil {
		return nil, err
	}
	return b.entries(ctx, live, v), nil
}

func (b *Box) entries(ctx context.Context, live agent.Live, v *version) []entry {
	all := make([]entry, 0, len(v.tools))
	used := map[string]bool{}
	owner := func(t agent.Tool) Owner { return Owner{OrgID: live.OrgID, AgentID: live.AgentID, ToolID: t.ID} }
	for i, t := range v.tools {
		if t.Type != agent.HTTPTool {
			continue
		}
		used[t.Name] = true
		all = append(all, entry{
			tool: model.Tool{Name: t.Name, Description: t.Description, Schema: Parameters(t)}, http: v.http[i], server: Server{Owner: owner(t)},
		})
	}
	for i, t := range v.tools {
		if t.Type != agent.MCPTool || b.Servers == nil {
			continue
		}
		s := Server{Owner: owner(t), Tool: t, Headers: b.Runner.Headers(t, owner(t))}
		refused := b.Servers.Refused(ctx, s)
		for _, offered := range v.offered(i, b.Servers.Offer) {
			name := b.Servers.Name(t, offered.Name, func(name string) bool { return used[name] })
			used[name] = true // of refused ones, too, so that no name depends on a server's state
			if !refused(offered.Name) {
				all = append(all, entry{tool: model.Tool{Name: name, Description: offered.Description, Schema: offered.Schema}, name: offered.Name, server: s})
			}
		}
	}
	return all
}
