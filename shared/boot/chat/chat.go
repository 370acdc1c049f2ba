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
	return &turn.Engine{Store: d.Store(), Model: hosted(d), Own: ownProviders(d), DefaultModel: d.DefaultModel(), Toolbox: tools.Box(d), Now: d.Now}
}

func hosted(d *boot.Deps) model.Provider {
	c := d.Config()
	if c.ModelBaseURL != "" {
		return openai.New(c.ModelBaseURL, key(d), d.HTTP(), limits(c.ModelWaits))
	}
	config := d.AWS("bedrock-runtime", bedrockEndpoint(c))
	config.Retryer = retryer(c)
	return bedrock.New(bedrockruntime.NewFromConfig(config), limits(c.ModelWaits))
}

func bedrockEndpoint(c boot.Config) string { return cmp.Or(c.BedrockEndpoint, c.Endpoint) }

// retryer returns the retryer of Bedrock's client. A caller is waiting, so it retries only once,
// after a short pause.
func retryer(c boot.Config) func() aws.Retryer {
	return func() aws.Retryer {
		return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts, o.MaxBackoff = 2, cmp.Or(c.ModelPause, time.Second) })
	}
}

func limits(w boot.ModelWaits) watch.Limits {
	return watch.Limits{
		FirstToken: cmp.Or(w.FirstToken, watch.Default.FirstToken),
		Idle:       cmp.Or(w.Idle, watch.Default.Idle),
		Answer:     cmp.Or(w.Answer, watch.Default.Answer),
	}
}
