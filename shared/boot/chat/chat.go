// Package chat returns the turn engine. It is separate from package boot, because the
// clients of models are more than half of a chat function's binary and the other functions
// do not need them.
package chat

import (
	"cmp"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"

	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/boot/tools"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/bedrock"
	"github.com/quintet-agents/quintet/shared/model/openai"
	"github.com/quintet-agents/quintet/shared/model/watch"
	"github.com/quintet-agents/quintet/shared/turn"
)

// Engine returns the turn engine with the function's table and model.
func Engine(d *boot.Deps) *turn.Engine {
	return &turn.Engine{Store: d.Store(), Model: provider(d), DefaultModel: d.DefaultModel(), Toolbox: tools.Box(d), Now: d.Now}
}

func provider(d *boot.Deps) model.Provider {
	c := d.Config()
	if c.ModelBaseURL != "" {
		return openai.New(c.ModelBaseURL, key(d), d.HTTP(), limits(c.ModelWaits))
	}
	endpoint := c.BedrockEndpoint
	if endpoint == "" {
		endpoint = c.Endpoint
	}
	config := d.AWS("bedrock-runtime", endpoint)
	// A caller is waiting, so retry only once, after a short pause.
	config.Retryer = func() aws.Retryer {
		return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts, o.MaxBackoff = 2, cmp.Or(c.ModelPause, time.Second) })
	}
	return bedrock.New(bedrockruntime.NewFromConfig(config), limits(c.ModelWaits))
}

func limits(w boot.ModelWaits) watch.Limits {
	return watch.Limits{
		FirstToken: cmp.Or(w.FirstToken, watch.Default.FirstToken),
		Idle:       cmp.Or(w.Idle, watch.Default.Idle),
		Answer:     cmp.Or(w.Answer, watch.Default.Answer),
	}
}
