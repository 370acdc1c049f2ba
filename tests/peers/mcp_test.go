package peers_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/delivery/outbound"
	"github.com/quintet-agents/quintet/shared/tool/mcp"
	"github.com/quintet-agents/quintet/shared/tool/pin"
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
