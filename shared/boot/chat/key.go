package chat

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/model/apikey"
	"github.com/quintet-agents/quintet/shared/ssm"
)

// key returns the key of the OpenAI-compatible server: the parameter that the stack names, or
// on a developer's machine the plain variable.
//
// The parameter is read while the function starts, when it has more processor than later. A
// function that cannot read it starts nevertheless: its turns report the failure, and end it
// when the parameter is there.
func key(d *boot.Deps) *apikey.Key {
	c := d.Config()
	if c.ModelKeyName == "" {
		return apikey.Fixed(c.ModelAPIKey)
	}
	parameters := ssm.Store{AWS: d.AWS("ssm", c.Endpoint), Now: d.Now}
	k := apikey.From(func(ctx context.Context) (string, error) {
		value, err := parameters.Get(ctx, c.ModelKeyName)
		if err != nil {
			return "", fmt.Errorf("no key for the model's server: %w", err)
		}
		return value, nil
	}, d.Now)
	if _, err := k.Value(context.Background()); err != nil {
		slog.Error("the model cannot be asked until its key can be read; the stack's ModelApiKeyParameter and ModelApiKeyKmsKey say where it is", "error", err)
	}
	return k
}
