package peers_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/delivery/outbound"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/tool/mcp"
	"github.com/quintet-agents/quintet/shared/tool/pin"
	"github.com/quintet-agents/quintet/tests/rig"
)

// Servers of the protocol's Python package, of both revisions, list their tools to our client
// and give it their results.
func TestMCP_Servers(t *testing.T) {
	guard := outbound.NewGuard([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")})
	client := mcp.New(outbound.NewHTTPClient(guard, nil).Transport, time.Now)
	for _, kind := range []string{"stream", "json", "session", "stateless"} {
		t.Run(kind, func(t *testing.T) {
			s := mcp.Server{OrgID: "org", Tool: agent.Tool{ID: kind, Type: agent.MCPTool, URL: serveMCP(t, kind)}}
			if _, err := client.Discover(t.Context(), s); err == nil || !strings.Contains(err.Error(), "status 401") {
				t.Errorf("without the secret header: got %v, want the status 401", err)
			}
			s.Headers = func(context.Context) (map[string]string, error) {
				return map[string]string{"Authorization": "Bearer hidden-token"}, nil
			}
			found, err := client.Discover(t.Context(), s)
			if err != nil || len(found) != 5 {
				t.Fatalf("got %d tools, %v, want 5", len(found), err)
			}
			var choices []pin.Choice
			for _, f := range found {
				if f.Problem != "" {
					t.Errorf("%s: got the problem %q, want none", f.Name, f.Problem)
				}
				choices = append(choices, pin.Choice{Name: f.Name, SHA256: f.SHA256})
			}
			if s.Tool.Allow, err = pin.Agree(found, nil, choices); err != nil {
				t.Fatal(err)
			}
			for _, c := range []struct {
				tool, arguments, want string
				failed                bool
			}{
				{"forecast", `{"city":"Oslo"}`, `"degrees": 21`, false},
				{"map.of", `{"city":"Oslo"}`, "a map of Oslo\n[image image/png 4 bytes]", false},
				{"slow", `{}`, "done", false},
				{"fail", `{}`, "Error executing tool fail", true},
				{"forecast", `{"town":"Oslo"}`, "city", true},
				{"ask", `{}`, "", true},
			} {
				got := client.Call(t.Context(), s, c.tool, json.RawMessage(c.arguments))
				if !strings.Contains(got.Text, c.want) || got.Failed != c.failed {
					t.Errorf("%s: got %+v, want %q", c.tool, got, c.want)
				}
			}
			again, err := client.Discover(t.Context(), s)
			for _, f := range again {
				if f.State != pin.Allowed {
					t.Errorf("%s: got %s in a second list, %v, want it unchanged", f.Name, f.State, err)
				}
			}
		})
	}
}

// serveMCP starts a server and returns its address.
func serveMCP(t *testing.T, kind string) string {
	t.Helper()
	const path = "mcp/server.py"
	if _, err := os.ReadFile(path); err != nil { // so that Go's test cache depends on it
		t.Fatal(err)
	}
	command := append(interpreter(t, path), path, kind)
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("got %v, want the server to end\n%s", err, &complaint)
		}
	})
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("got %v, want an address\n%s", err, &complaint)
	}
	return strings.TrimSpace(address)
}

// An agent uses the tools of a Python server that somebody agreed to, and no other.
func TestMCP_Agent(t *testing.T) {
	r := rig.Start(t, 1000*ledger.Credit)
	send := func(method, path string, body any, into any) {
		t.Helper()
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequestWithContext(t.Context(), method, r.Runner.URL()+path, bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+r.Key)
		req.Header.Set("Content-Type", "application/json")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		answer, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode/100 != 2 || bytes.Contains(answer, []byte("hidden-token")) {
			t.Fatalf("%s %s: got %d, %v, %s; want a success without the secret", method, path, res.StatusCode, err, answer)
		}
		if err := json.Unmarshal(answer, into); err != nil {
			t.Fatal(err)
		}
	}
	tools := "/api/v1/agents/" + r.Agent.ID + "/tools"
	var made struct {
		Data struct {
			ID      string
			Version struct{ ID string }
			Found   []struct{ Name, State string }
		}
	}
	send(http.MethodPost, tools, map[string]any{
		"type": "mcp", "name": "Weather", "url": serveMCP(t, "stream"), "secret_headers": map[string]string{"Authorization": "Bearer hidden-token"},
		"allow": []string{"forecast", "map.of"},
	}, &made)
	states := map[string]string{}
	for _, f := range made.Data.Found {
		states[f.Name] = f.State
	}
	if states["forecast"] != "allowed" || states["slow"] != "new" || len(states) != 5 {
		t.Errorf("got the tools %v, want forecast allowed and slow new", states)
	}
	send(http.MethodPost, "/v1/agents/"+r.Agent.ID+"/versions/"+made.Data.Version.ID+"/deploy", map[string]any{}, &struct{}{})
	hashed := pin.Name(made.Data.ID, "map.of", func(string) bool { return false })
	for _, c := range []struct{ tool, want string }{
		{"forecast", `"degrees": 21`},
		{hashed, "a map of Oslo"},
		{"slow", "unknown tool: slow"},
	} {
		var answer struct{ Message struct{ Content string } }
		send(http.MethodPost, "/api/agents/"+r.Agent.ID+"/chat", map[string]any{
			"messages": []map[string]string{{"role": "user", "content": `[[tool ` + c.tool + ` {"city":"Oslo"}]]`}},
		}, &answer)
		if got := answer.Message.Content; !strings.HasPrefix(got, "Tool "+c.tool+" said: ") || !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.tool, got, c.want)
		}
	}
}
