package ses

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/mail"
	"github.com/quintet-agents/quintet/shared/connection"
)

// Verify asks SES whether mail can be sent from the connection's address, and DNS whether mail
// to it reaches the connection's provider. It cannot ask a provider about the webhook's URL.
func (c *Client) Verify(ctx context.Context, a channel.Account, _ string) ([]connection.Problem, error) {
	var all []connection.Problem
	for _, check := range []func(context.Context, connection.Connection) (*connection.Problem, error){c.verifyIdentity, c.verifyAccount, c.verifyInlet} {
		p, err := check(ctx, a.Connection)
		if err != nil {
			return nil, err
		}
		if p != nil {
			all = append(all, *p)
		}
	}
	if p := c.verifyKey(a); p != nil {
		all = append(all, *p)
	}
	return all, nil
}

// verifyKey returns the problem of a SendGrid key that can verify no signature.
func (c *Client) verifyKey(a channel.Account) *connection.Problem {
	if connection.Provider(a.Identifiers[connection.ProviderField]) != connection.SendGrid || mail.IsSendGridKey(a.Secrets["signing_key"]) {
		return nil
	}
	return &connection.Problem{
		Code: connection.WrongKey, Since: c.now(),
		Message: "The signing_key is not a public key, so the mails that SendGrid delivers are refused",
		Action:  "Rotate the connection's credentials: signing_key is the public_key of the security policy, as SendGrid's API shows it.",
	}
}

func (c *Client) verifyIdentity(ctx context.Context, of connection.Connection) (*connection.Problem, error) {
	code, err := c.identity(ctx, of)
	switch {
	case err != nil:
		return c.unread("the identity of the connection's address", err)
	case code != "":
		return c.problem(code), nil
	}
	return nil, nil
}

func (c *Client) verifyAccount(ctx context.Context, _ connection.Connection) (*connection.Problem, error) {
	account, err := c.api.GetAccount(ctx, &sesv2.GetAccountInput{})
	switch {
	case err != nil:
		return c.unread("the account", err)
	case aws.ToString(account.EnforcementStatus) == "SHUTDOWN" || !account.SendingEnabled:
		return c.problem("SendingPausedException"), nil
	case !account.ProductionAccessEnabled:
		return c.problem(codeSandbox), nil
	}
	return nil, nil
}

// problem returns the problem of a code.
func (c *Client) problem(code string) *connection.Problem {
	return &connection.Problem{Code: code, Message: refusals[code].message, Action: actionOf(code), Since: c.now()}
}

// unread returns what a failed read means: a problem if the deployment may not read, and
// otherwise an error.
func (c *Client) unread(what string, err error) (*connection.Problem, error) {
	if f := failureOf(err, false); f.Kind == channel.Stopped {
		return &connection.Problem{Code: f.Name, Message: f.Message, Action: f.Action, Since: c.now()}, nil
	}
	return nil, fmt.Errorf("amazon SES did not return %s: %w", what, err)
}
