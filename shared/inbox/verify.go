package inbox

import (
	"context"
	"log/slog"

	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/fault"
)

// verify asks the provider about the account of a connection, and records the problems.
func (w *Worker) verify(ctx context.Context, ref Ref, v Verify) error {
	c, err := w.Store.Connection(ctx, ref.OrgID, ref.ConnectionID)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	a, err := w.Accounts.Open(ctx, c)
	if err != nil {
		return err
	}
	problems, err := w.Providers(c.Channel).Verify(ctx, a, v.WebhookURL)
	if err != nil {
		slog.WarnContext(ctx, "provider did not answer a verification", "org_id", c.OrgID, "connection_id", c.ID, "error", err)
		problems = append(problems, connection.Problem{
			Code: connection.ProviderUnavailable, Message: "The provider did not answer", Action: "Verify the connection again in some minutes.",
		})
	}
	return w.Store.KeepVerification(ctx, c.OrgID, c.ID, c.Credentials, connection.Verification{ID: v.ID, At: w.Now(), Problems: problems})
}
