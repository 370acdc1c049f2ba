package agentflow

import (
	"context"

	"github.com/quintet-agents/quintet/shared/api/wire"
)

// topUpLink returns where to buy credits: the configured page, or the console
// beside the API that was called. The Host header has no say in it: a cache or a
// log could take a link of somebody else's making for ours.
func topUpLink(ctx context.Context, configured string) string {
	if configured != "" {
		return configured
	}
	return wire.BaseURL(ctx) + "/console"
}
