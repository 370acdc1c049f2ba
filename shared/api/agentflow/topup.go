package agentflow

import (
	"context"

	"github.com/quintet-agents/quintet/shared/api/wire"
)

// topUpLink returns the URL of the page where to buy credits: the configured page, or the console
// of this API. It does not use the Host header, because a client could then put its own link into
// caches and logs.
func topUpLink(ctx context.Context, configured string) string {
	if configured != "" {
		return configured
	}
	return wire.BaseURL(ctx) + "/console"
}
