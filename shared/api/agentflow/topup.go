package agentflow

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/wire"
)

// topUpLink returns where to buy credits: the configured page, or the console
// beside the API that was called.
func topUpLink(r *http.Request, configured string) string {
	if configured != "" {
		return configured
	}
	return scheme(r) + "://" + r.Host + "/console"
}

// scheme returns how the caller reached the API. Behind API Gateway that is in
// a header; without it only a test or a program on this machine speaks plainly.
func scheme(r *http.Request) string {
	if proto := r.Header.Get("X-Forwarded-Proto"); proto == "http" || proto == "https" {
		return proto
	}
	if wire.IsLoopback(r.Host) {
		return "http"
	}
	return "https"
}
