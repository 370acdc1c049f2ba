package contract_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/boot/tools"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/turn"
)

const (
	toolsPath = "/api/v1/agents/$AGENT/tools"
	handyTool = "/api/v1/agents/$HANDY_AGENT/tools/$HANDY_TOOL"
	handyMCP  = "/api/v1/agents/$HANDY_AGENT/tools/$HANDY_MCP"
	noTool    = "/api/v1/agents/$HANDY_AGENT/tools/" + nowhere
	aTool     = `{"type":"http","name":"hours-$REQUEST","description":"Opening hours","method":"GET","url":"$TOOL_URL/hours/{{day}}","parameters":{"type":"object","properties":{"day":{"type":"string"}},"required":["day"]},"headers":{"Accept":"application/json"},"secret_headers":{"X-Key":"k_5f2b"},"timeout_seconds":5}`
	anMCP     = `{"type":"mcp","name":"Shop $REQUEST","url":"$TOOL_URL/mcp","secret_headers":{"X-Key":"k_5f2b"},"allow":["find"]}`
	aToolCall = `[[tool order {"id":"1"}]]`
)

// aToolCallInJSON is the call as it stands in a JSON string.
var aToolCallInJSON = strings.ReplaceAll(aToolCall, `"`, `\"`)

var httpTools = slices.Concat(
	managers("manage-tool-list", get, toolsPath, ""),
	of("manage-tool-list",
		exchange{method: get, path: toolsPath, status: 200},
		exchange{method: get, path: "/api/v1/agents/$HANDY_AGENT/tools?limit=1", key: "$MEMBER_SESSION", status: 200},
		exchange{method: get, path: toolsPath + "?limit=101", status: 400},
		exchange{method: get, path: toolsPath + "?cursor=x", status: 400},
		exchange{method: get, path: "/api/v1/agents/$OTHER_AGENT/tools", status: 404},
		exchange{method: get, path: "/api/v1/agents/$GONE_AGENT/tools", status: 404},
		exchange{method: get, path: "/api/v1/agents/nothing/tools", status: 400},
	),

	managers("manage-tool-create", post, toolsPath, aTool),
	refusesBodies("manage-tool-create", post, toolsPath, "type", 400),
	of("manage-tool-create",
		exchange{method: post, path: "/api/v1/agents/$SECOND_AGENT/tools", body: aTool, header: once, status: 201, writes: true},
		exchange{method: post, path: "/api/v1/agents/$DRAFT_AGENT/tools", body: anMCP, key: "$MEMBER_SESSION", status: 201, writes: true},
		exchange{method: post, path: "/api/v1/agents/$DRAFT_AGENT/tools", body: but(anMCP, `["find"]`, `[{"name":"find"}]`), status: 201, writes: true},
		exchange{method: post, path: "/api/v1/agents/$HANDY_AGENT/tools", body: but(aTool, "hours-$REQUEST", "order"), status: 400},
		exchange{method: post, path: "/api/v1/agents/$OTHER_AGENT/tools", body: aTool, status: 404},
		exchange{method: post, path: "/api/v1/agents/$GONE_AGENT/tools", body: anMCP, status: 404},
		exchange{method: post, path: "/api/v1/agents/nothing/tools", body: aTool, status: 400},
	),
	refused("manage-tool-create", post, toolsPath,
		`{}`, `{"type":"http"}`, but(aTool, "http", "soap"), but(aTool, "hours-", "opening "), but(aTool, `"Opening hours"`, `" "`), but(aTool, `"name":"hours-$REQUEST",`, ``),
		but(aTool, "GET", "TRACE"), but(aTool, "$TOOL_URL", "https://{{day}}.example"), but(aTool, "$TOOL_URL", "http://10.0.0.1"), but(aTool, "{{day}}", "{{day"),
		but(aTool, `"type":"object"`, `"type":"string"`), but(aTool, `{"type":"string"}`, `{"\u0024ref":"https://example.com/x"}`), but(aTool, "Accept", "Host"), but(aTool, "Accept", "webhook-id"),
		but(aTool, "k_5f2b", "k"), but(aTool, ":5}", ":11}"), but(aTool, ":5}", `:5,"body":"{}"}`),
		but(anMCP, "find", "lose"), but(anMCP, `["find"]`, `"find"`), but(anMCP, `["find"]`, `[{"name":"find","sha256":"00"}]`), but(anMCP, "Shop $REQUEST", ""), but(anMCP, "/mcp", "/nothing"), but(anMCP, "X-Key", "Host"),
	),

	managers("manage-tool-get", get, handyTool, ""),
	of("manage-tool-get",
		exchange{method: get, path: handyTool, status: 200},
		exchange{method: get, path: handyMCP, key: "$MEMBER_SESSION", status: 200},
		exchange{method: get, path: noTool, status: 404},
		exchange{method: get, path: "/api/v1/agents/$HANDY_AGENT/tools/nothing", status: 404},
		exchange{method: get, path: "/api/v1/agents/$OTHER_AGENT/tools/$HANDY_TOOL", status: 404},
		exchange{method: get, path: "/api/v1/agents/nothing/tools/$HANDY_TOOL", status: 400},
	),

	managers("manage-tool-update", patch, handyTool, `{"timeout_seconds":3}`),
	refusesBodies("manage-tool-update", patch, handyTool, "name", 400),
	of("manage-tool-update",
		exchange{method: patch, path: handyTool, body: `{"timeout_seconds":null,"headers":null,"method":"PATCH","body":"{\"id\":{{id}}}"}`, header: once, status: 200, writes: true},
		exchange{method: patch, path: handyTool, body: `{"secret_headers":{"X-Other":"k_6a3c","X-Key":null}}`, key: "$MEMBER_SESSION", status: 200, writes: true},
		exchange{method: patch, path: handyMCP, body: `{"allow":["find","buy"],"name":"Store"}`, status: 200, writes: true},
		exchange{method: patch, path: handyMCP, body: `{"url":"https://example.com/mcp"}`, status: 400},
		exchange{method: patch, path: noTool, body: `{"timeout_seconds":3}`, status: 404},
		exchange{method: patch, path: "/api/v1/agents/$OTHER_AGENT/tools/$HANDY_TOOL", body: `{"timeout_seconds":3}`, status: 404},
		exchange{method: patch, path: "/api/v1/agents/nothing/tools/$HANDY_TOOL", body: `{"timeout_seconds":3}`, status: 400},
	),
	refused("manage-tool-update", patch, handyTool, `{}`, `{"type":"mcp"}`, `{"name":"a b"}`, `{"description":null}`, `{"body":"{"}`, `{"parameters":[]}`, `{"allow":[]}`, `{"colour":1}`),

	managers("manage-tool-delete", remove, handyTool, ""),
	of("manage-tool-delete",
		exchange{method: remove, path: "/api/v1/agents/$SPENT_AGENT/tools/$HANDY_TOOL", header: once, status: 200, writes: true},
		exchange{method: remove, path: "/api/v1/agents/$SPENT_AGENT/tools/$HANDY_TOOL", key: "$MEMBER_SESSION", status: 200, writes: true},
		exchange{method: remove, path: noTool, status: 404},
		exchange{method: remove, path: "/api/v1/agents/$OTHER_AGENT/tools/$HANDY_TOOL", status: 404},
		exchange{method: remove, path: "/api/v1/agents/nothing/tools/$HANDY_TOOL", status: 400},
	),

	managers("manage-tool-try", post, handyTool+"/try", `{"arguments":{"id":"1"}}`),
	refusesBodies("manage-tool-try", post, handyTool+"/try", "arguments", 400),
	of("manage-tool-try",
		exchange{method: post, path: handyTool + "/try", body: `{"arguments":{"id":"1"}}`, header: once, status: 200, writes: true},
		exchange{method: post, path: handyTool + "/try", body: `{"arguments":{}}`, key: "$MEMBER_SESSION", status: 200, writes: true},
		exchange{method: post, path: handyMCP + "/try", body: `{"name":"find","arguments":{}}`, status: 200, writes: true},
		exchange{method: post, path: noTool + "/try", body: `{"arguments":{}}`, status: 404},
		exchange{method: post, path: "/api/v1/agents/$OTHER_AGENT/tools/$HANDY_TOOL/try", body: `{"arguments":{}}`, status: 404},
		exchange{method: post, path: "/api/v1/agents/nothing/tools/$HANDY_TOOL/try", body: `{"arguments":{}}`, status: 400},
	),
	refused("manage-tool-try", post, handyTool+"/try", `{}`, `{"arguments":[]}`, `{"arguments":1}`),
)

// addHandy starts a server of tools, and creates agents that use it.
func (w *world) addHandy(t *testing.T) {
	t.Helper()
	server := mcp.NewServer(&mcp.Implementation{Name: "shop", Version: "1"}, nil)
	for _, name := range []string{"find", "buy"} {
		server.AddTool(&mcp.Tool{Name: name, Description: "Does it", InputSchema: json.RawMessage(`{"type":"object"}`)}, func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: "found"}}}, nil
		})
	}
	mux := http.NewServeMux()
	mux.Handle("/mcp", mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server }, nil))
	mux.HandleFunc("/nothing", http.NotFound)
	mux.HandleFunc("/", func(out http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(out, `{"done":true}`) })
	web := httptest.NewServer(mux)
	t.Cleanup(web.Close)
	w.names["TOOL_URL"], w.names["HANDY_TOOL"], w.names["HANDY_MCP"] = web.URL, turn.NewID(), turn.NewID()
	a := w.handy(t, w.org)
	w.names["HANDY_AGENT"], w.names["HANDY_THREAD"] = a.ID, w.Thread(t, a).ID
	w.renewTools(t)
}

// renewTools creates an agent whose draft has one tool.
func (w *world) renewTools(t *testing.T) {
	t.Helper()
	a := w.handy(t, w.org)
	if _, err := w.Store.ChangeDraft(t.Context(), nil, w.org, a.ID, w.Now(), func(v *agent.Version) error {
		v.Tools = v.Tools[:1]
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	w.names["SPENT_AGENT"] = a.ID
}

// handy creates an agent whose deployed version has an HTTP tool and an MCP server, both with
// secret headers.
func (w *world) handy(t *testing.T, org string) agent.Agent {
	t.Helper()
	deps := w.deps(dynamotest.Endpoint(), "")
	if err := tools.Secrets(deps).Prepare(t.Context(), org, delivery.Callbacks); err != nil {
		t.Fatal(err)
	}
	a := w.Agent(t, org, "be handy")
	sealed, err := tools.Keys(deps).SealAgentSecret(t.Context(), org, a.ID, agent.HeaderSecret, "k_5f2b")
	if err != nil {
		t.Fatal(err)
	}
	secrets := map[string][]byte{"X-Key": sealed}
	draft, err := w.Store.ChangeDraft(t.Context(), nil, org, a.ID, w.Now(), func(v *agent.Version) error {
		v.Tools = []agent.Tool{{
			ID: w.names["HANDY_TOOL"], Type: agent.HTTPTool, Name: "order", Description: "Orders", Method: post, URL: w.names["TOOL_URL"] + "/orders",
			Parameters: []byte(`{"type":"object","properties":{"id":{"type":"string"}},"required":["id"]}`), SecretHeaders: secrets, CreatedAt: w.Now(), UpdatedAt: w.Now(),
		}, {
			ID: w.names["HANDY_MCP"], Type: agent.MCPTool, Name: "shop", URL: w.names["TOOL_URL"] + "/mcp", SecretHeaders: secrets, CreatedAt: w.Now(), UpdatedAt: w.Now(),
		}}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Store.DeployVersion(t.Context(), nil, org, a.ID, draft.ID, w.Now()); err != nil {
		t.Fatal(err)
	}
	return a
}
