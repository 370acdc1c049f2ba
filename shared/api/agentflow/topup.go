package agentflow

import (
	"context"

	"github.com/quintet-agents/quintet/shared/api/wire"
)

// topUpLink returns where to buy credits: the configured page, or the console
// beside the API that was called. The Host header is not used: its
// sender could put a link of its own into caches and logs.
func topUpLink(ctx context.Context, configured string) string {
	if configured != "" {
		return configured
	}
	return wire.BaseURL(ctx) + "/console"
}
