package tool

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/tool"
)

// check returns an Invalid error for a definition that cannot be used. address is the URL that
// may have to be checked by name: that of an MCP server, or an HTTP tool's scheme and host.
func check(t agent.Tool) (address string, err error) {
	if t.Type == agent.MCPTool {
		return t.URL, checkServer(t)
	}
	compiled, err := tool.Compile(t)
	if err != nil {
		return "", err
	}
	if err := compiled.CheckNames(); err != nil {
		return "", err
	}
	return compiled.Origin() + "/", nil
}

// checkSecretHeaders checks the names of an MCP server's headers.
func checkSecretHeaders(t agent.Tool) error {
	http := t
	http.Type, http.Name, http.Description, http.Method, http.URL = agent.HTTPTool, "a", "a", "POST", "https://a.example/"
	_, err := tool.Compile(http)
	return err
}

// unique returns an Invalid error if another tool of the version has the name.
func unique(v agent.Version, t agent.Tool) error {
	if slices.ContainsFunc(v.Tools, func(other agent.Tool) bool { return other.ID != t.ID && other.Name == t.Name }) {
		return fault.Field("name", "name must be unique, and the agent has a tool of this name")
	}
	return nil
}

// sameHeaders reports whether two tools have the same secret headers.
func sameHeaders(a, b agent.Tool) bool {
	return maps.EqualFunc(a.SecretHeaders, b.SecretHeaders, func(x, y []byte) bool { return string(x) == string(y) })
}

// perRequest serves each request with a handler of its own, because the shape of the answer
// depends on the request.
func perRequest(handler func(r *http.Request) http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler(r).ServeHTTP(w, r) })
}

// origin returns the part of a URL that decides who gets the secret headers.
func origin(url string) string {
	scheme, rest, _ := strings.Cut(url, "://")
	host, _, _ := strings.Cut(rest, "/")
	host, _, _ = strings.Cut(host, "?")
	return strings.ToLower(scheme + "://" + host)
}
