package example

import (
	"context"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/dynamo"
)

const (
	hookID     = "019b76da-a800-7000-8000-000000000023" // is started by a webhook
	hookPath   = "example-orders"
	hookSecret = "example-automation-secret"
)

// createHook publishes an automation that a webhook starts.
func createHook(ctx context.Context, store *dynamo.Store, sealer automation.Sealer) error {
	sealed, err := sealer.SealAutomationSecret(ctx, orgID, hookID, automation.VerifySecret, hookSecret)
	if err != nil {
		return err
	}
	err = store.CreateAutomation(ctx, nil, automation.Automation{ID: hookID, OrgID: orgID, Name: "Orders", CreatedAt: madeAt, UpdatedAt: madeAt})
	if err != nil {
		return err
	}
	_, err = store.ChangeAutomation(ctx, nil, orgID, hookID, madeAt, func(a *automation.Automation) error {
		a.Draft = automation.Draft{
			Secrets: automation.Secrets{automation.VerifySecret: sealed},
			Definition: automation.Definition{
				Trigger: automation.Trigger{Type: automation.Webhook, Path: hookPath, Verify: &automation.Verify{Type: automation.HMACSHA256}},
				Steps:   []automation.Step{{ID: "order", Type: automation.Set, Values: map[string]string{"order": "{{trigger.body.order}}"}}},
			},
		}
		a.Published = &automation.Published{Draft: a.Draft, Version: 1, At: madeAt}
		return nil
	})
	return err
}
