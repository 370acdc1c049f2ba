package tool

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/tool"
	"github.com/quintet-agents/quintet/shared/tool/mcp"
)

// Keeper reads agents and keeps the answers of requests that change nothing in the table.
type Keeper interface {
	wire.Keeper
	Reader
	KeepAnswer(ctx context.Context, once *idempotency.Change, result any) error
}

// Callers calls the tools of MCP servers.
type Callers interface {
	Call(ctx context.Context, s mcp.Server, name string, arguments json.RawMessage) mcp.Result
}

// Try answers POST /agents/{id}/tools/{tool_id}/try {arguments} with the request that was sent
// and what a model would get for it. Of an MCP server, name says which tool.
func Try(auth wire.Authenticator, agents Keeper, runner *tool.Runner, servers Callers, now func() time.Time) http.Handler {
	return frame.Change(auth, identity.Caller.MayManage, agents, func(r *http.Request, caller identity.Caller, once *idempotency.Change) (tool.Outcome, error) {
		ofAgent, id, err := path(r)
		if err != nil {
			return tool.Outcome{}, err
		}
		fields, err := body.Read(r)
		if err != nil {
			return tool.Outcome{}, err
		}
		v, err := agents.Newest(r.Context(), caller.OrgID, ofAgent)
		if err != nil {
			return tool.Outcome{}, err
		}
		i, err := index(v, id)
		if err != nil {
			return tool.Outcome{}, err
		}
		name, arguments, err := readTry(fields, v.Tools[i].Type)
		if err != nil {
			return tool.Outcome{}, err
		}
		owner := tool.Owner{OrgID: caller.OrgID, AgentID: ofAgent, ToolID: id}
		key := uuid.NewString()
		if once != nil {
			key = once.Key.ID // the same request is the same call
		}
		use := tool.Use{Owner: owner, ID: tool.CallID("try", key), Arguments: arguments}
		var out tool.Outcome
		if v.Tools[i].Type == agent.MCPTool {
			out, err = callServer(r.Context(), runner, servers, v.Tools[i], name, use, now)
		} else {
			var compiled *tool.Compiled
			if compiled, err = tool.Compile(v.Tools[i]); err == nil {
				out, err = runner.Run(r.Context(), compiled, use)
			}
		}
		if err != nil {
			return tool.Outcome{}, err
		}
		return out, agents.KeepAnswer(r.Context(), once, out)
	}, http.StatusOK, triedOf)
}

func readTry(fields body.Object, kind agent.ToolType) (name string, arguments json.RawMessage, err error) {
	const field, rule = "arguments", "must be an object"
	allowed := []string{field}
	if kind == agent.MCPTool {
		allowed = append(allowed, "name")
	}
	fields = fields.Allow(allowed...)
	if arguments, err = fields.OptionalObject(field, tool.MaxArguments); err != nil {
		return "", nil, err
	}
	if arguments == nil {
		return "", nil, fields.Missing(field, rule)
	}
	if kind == agent.MCPTool {
		name, err = fields.String("name", "must be the name of a tool in allow")
	}
	return name, arguments, err
}

func callServer(ctx context.Context, runner *tool.Runner, servers Callers, t agent.Tool, name string, use tool.Use, now func() time.Time) (tool.Outcome, error) {
	hide, err := runner.Mask(ctx, t, use.Owner)
	if err != nil {
		return tool.Outcome{}, err
	}
	began := now()
	result := servers.Call(ctx, mcp.Server{OrgID: use.Owner.OrgID, Tool: t, Headers: runner.Headers(t, use.Owner)}, name, use.Arguments)
	return tool.Outcome{Took: now().Sub(began), Text: hide(result.Text), Failed: result.Failed}, nil
}
