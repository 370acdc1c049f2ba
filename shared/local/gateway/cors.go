package gateway

import (
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/quintet-agents/quintet/shared/local/sam"
)

// preflight answers OPTIONS like the mock integration that SAM generates for every path
// of an API with Cors. Such a mock sets only literal headers, so its answers have no
// request id except the gateway's X-Amzn-Requestid.
type preflight struct{ res *resource }

func (p preflight) answer(w http.ResponseWriter, _ *http.Request, _ *call) {
	res := p.res
	c, h := res.api.Cors, w.Header()
	for name, value := range map[string]string{
		"Access-Control-Allow-Origin":  c.AllowOrigin,
		"Access-Control-Allow-Headers": c.AllowHeaders,
		"Access-Control-Allow-Methods": methodsOf(c, res),
		"Access-Control-Max-Age":       c.MaxAge,
	} {
		if value != "" {
			h.Set(name, strings.Trim(value, "'"))
		}
	}
	if c.AllowCredentials {
		h.Set("Access-Control-Allow-Credentials", "true")
	}
	h.Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	_, _ = io.WriteString(w, "{}\n")
}

// methodsOf returns the methods in the template's Cors setting, or those of the path.
func methodsOf(c *sam.Cors, res *resource) string {
	if c.AllowMethods != "" {
		return c.AllowMethods
	}
	if _, ok := res.methods["ANY"]; ok {
		return "DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT"
	}
	methods := append(slices.Collect(maps.Keys(res.methods)), http.MethodOptions)
	slices.Sort(methods)
	return strings.Join(methods, ",")
}
