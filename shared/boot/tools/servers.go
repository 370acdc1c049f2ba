package tools

import (
	"context"
	"encoding/json"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/boot/guard"
	"github.com/quintet-agents/quintet/shared/delivery/outbound"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/tool"
	"github.com/quintet-agents/quintet/shared/tool/mcp"
	"github.com/quintet-agents/quintet/shared/tool/pin"
)

// Servers returns the client of MCP servers.
func Servers(d *boot.Deps) *mcp.Client {
	return mcp.New(outbound.NewHTTPClient(guard.Of(d), nil).Transport, d.Now)
}

// servers are MCP servers as a Box knows them.
type servers struct{ client *mcp.Client }

// Offer implements tool.Servers.
func (servers) Offer(server agent.Tool) []model.Tool {
	var all []model.Tool
	for _, o := range pin.Offer(server.Allow) {
		all = append(all, model.Tool{Name: o.Name, Description: o.Description, Schema: o.Schema})
	}
	return all
}

// Name implements tool.Servers.
func (servers) Name(server agent.Tool, name string, taken func(name string) bool) string {
	return pin.Name(server.ID, name, taken)
}

// Refused implements tool.Servers.
func (s servers) Refused(ctx context.Context, of tool.Server) func(name string) bool {
	return s.client.Refused(ctx, serverOf(of))
}

// Call implements tool.Servers.
func (s servers) Call(ctx context.Context, of tool.Server, name string, arguments json.RawMessage) (text string, failed bool) {
	result := s.client.Call(ctx, serverOf(of), name, arguments)
	return result.Text, result.Failed
}

func serverOf(s tool.Server) mcp.Server {
	return mcp.Server{OrgID: s.Owner.OrgID, Tool: s.Tool, Headers: s.Headers}
}
