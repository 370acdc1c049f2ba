package contract_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
)

const (
	settingsPath = "/api/v1/agents/$AGENT/settings"
	versionsPath = "/api/v1/agents/$AGENT/versions"
	ownServer    = `{"provider":"openai","model":"m","base_url":"http://127.0.0.1:1/v1/","provider_key":"sk-1","temperature":1.5}`
	ownRole      = `{"provider":"bedrock","model":"m","region":"eu-central-1","role_arn":"arn:aws:iam::123456789012:role/quintet-b"}`
)

var agents = slices.Concat(
	managers("manage-settings-get", get, settingsPath, ""),
	of("manage-settings-get",
		exchange{method: get, path: settingsPath, status: 200},
		exchange{method: get, path: "/api/v1/agents/$DRAFT_AGENT/settings", key: "$MEMBER_SESSION", status: 200},
		exchange{method: get, path: "/api/v1/agents/$TOOLED_AGENT/settings", status: 200},
		exchange{method: get, path: "/api/v1/agents/$OTHER_AGENT/settings", status: 404},
		exchange{method: get, path: "/api/v1/agents/$GONE_AGENT/settings", status: 404},
		exchange{method: get, path: "/api/v1/agents/nothing/settings", status: 400},
	),

	managers("manage-settings-update", patch, settingsPath, `{"temperature":0}`),
	refusesBodies("manage-settings-update", patch, settingsPath, "stop", 400),
	of("manage-settings-update",
		exchange{method: patch, path: settingsPath, body: `{"temperature":0,"max_output_tokens":1,"stop":["###"],"caps":{"rounds":0,"seconds":1,"credits":0.001}}`, status: 200, writes: true},
		exchange{method: patch, path: "/api/v1/agents/$SECOND_AGENT/settings", body: `{"caps":null,"stop":null,"caller_instructions":"refuse"}`, key: "$MEMBER_SESSION", status: 200, writes: true},
		exchange{method: patch, path: settingsPath, body: ownServer, status: 200, writes: true},
		exchange{method: patch, path: settingsPath, body: ownRole, header: once, status: 200, writes: true},
		exchange{method: patch, path: settingsPath, body: but(ownRole, `"role_arn":"arn:aws:iam::123456789012:role/quintet-b"`, `"provider_key":"k"`), status: 200, writes: true},
		exchange{method: patch, path: "/api/v1/agents/$OTHER_AGENT/settings", body: `{"temperature":0}`, status: 404},
		exchange{method: patch, path: "/api/v1/agents/" + nowhere + "/settings", body: ownServer, status: 404},
		exchange{method: patch, path: "/api/v1/agents/nothing/settings", body: `{"temperature":0}`, status: 400},
	),
	refused("manage-settings-update", patch, settingsPath,
		`{}`, `{"colour":"red"}`, `{"caps":{}}`, `{"caps":{"round":1}}`, `{"caps":[]}`,
		`{"temperature":1.5}`, `{"temperature":-0.1}`, `{"temperature":"hot"}`, `{"max_output_tokens":0}`, `{"max_output_tokens":4097}`,
		`{"stop":[" "]}`, `{"stop":["a","b","c","d","e"]}`, `{"stop":["`+strings.Repeat("x", 65)+`"]}`, `{"stop":[1]}`,
		`{"caps":{"rounds":9}}`, `{"caps":{"seconds":0}}`, `{"caps":{"credits":0}}`, `{"caller_instructions":"obey"}`,
		`{"model":"a b"}`, `{"model":""}`, `{"provider":"azure"}`, `{"provider":"openai"}`, `{"provider":"bedrock"}`, `{"base_url":"https://example.com"}`,
		`{"provider_key":"k"}`, but(ownServer, "127.0.0.1", "10.0.0.1"), but(ownServer, "http:", "ftp:"), but(ownServer, "/v1/", "/v1?a=b"),
		but(ownRole, "eu-central-1", "eu-central-1.evil.example"), but(ownRole, ":role/", ":user/"), but(ownRole, "}", `,"provider_key":"k"}`),
	),

	managers("manage-version-list", get, versionsPath, ""),
	of("manage-version-list",
		exchange{method: get, path: versionsPath, status: 200},
		exchange{method: get, path: versionsPath + "?limit=1", key: "$MEMBER_SESSION", status: 200},
		exchange{method: get, path: versionsPath + "?limit=101", status: 400},
		exchange{method: get, path: versionsPath + "?cursor=x", status: 400},
		exchange{method: get, path: "/api/v1/agents/$OTHER_AGENT/versions", status: 404},
		exchange{method: get, path: "/api/v1/agents/$GONE_AGENT/versions", status: 404},
		exchange{method: get, path: "/api/v1/agents/nothing/versions", status: 400},
	),

	managers("manage-version-get", get, versionsPath+"/$V1", ""),
	of("manage-version-get",
		exchange{method: get, path: versionsPath + "/$V1", status: 200},
		exchange{method: get, path: versionsPath + "/$V2", key: "$MEMBER_SESSION", status: 200},
		exchange{method: get, path: "/api/v1/agents/$TOOLED_AGENT/versions/$TOOLED_VERSION", status: 200},
		exchange{method: get, path: versionsPath + "/v-nothing", status: 404},
		exchange{method: get, path: versionsPath + "/nothing", status: 400},
		exchange{method: get, path: "/api/v1/agents/$SECOND_AGENT/versions/$V1", status: 404},
		exchange{method: get, path: "/api/v1/agents/$OTHER_AGENT/versions/$V1", status: 404},
	),
)

// addTools creates an agent with a tool of each type, which requests do not change.
func (w *world) addTools(t *testing.T) {
	t.Helper()
	a := w.Agent(t, w.org, "be useful")
	draft, err := w.Store.ChangeDraft(t.Context(), nil, w.org, a.ID, w.Now(), func(v *agent.Version) error {
		v.Settings.Caps.Time = 90 * time.Second
		v.Tools = []agent.Tool{{
			ID: nowhere, Type: agent.HTTPTool, Name: "hours", Description: "Opening hours", Method: get, URL: "https://example.com/{{day}}",
			Parameters: []byte(`{"type":"object"}`), SecretHeaders: map[string][]byte{"X-Key": []byte("sealed")}, CreatedAt: w.Now(), UpdatedAt: w.Now(),
		}, {
			ID: nowhere, Type: agent.MCPTool, Name: "shop", URL: "https://example.com/mcp",
			Allow: []agent.Pin{{Name: "buy", SHA256: "00"}}, CreatedAt: w.Now(), UpdatedAt: w.Now(),
		}}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	w.names["TOOLED_AGENT"], w.names["TOOLED_VERSION"] = a.ID, draft.ID
}
