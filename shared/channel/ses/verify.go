package ses

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/smithy-go"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/connection"
)

// Verify asks SES whether mail can be sent from the connection's address, and DNS whether mail
// to it reaches the connection's provider. No provider can be asked about the URL.
func (c *Client) Verify(ctx context.Context, a channel.Account, _ string) ([]connection.Problem, error) {
	var all []connection.Problem
	add := func(code, message, action string) {
		all = append(all, connection.Problem{Code: code, Message: message, Action: action, Since: c.now()})
	}
	code, err := c.identity(ctx, a.Connection)
	if f := denied(err); f != nil {
		add(f.Details, f.Message, Action(f.Details))
		return all, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the identity of the connection's address was not read: %w", err)
	}
	if code != "" {
		add(code, refusals[code].message, Action(code))
	}
	account, err := c.api.GetAccount(ctx, &sesv2.GetAccountInput{})
	if f := denied(err); f != nil {
		add(f.Details, f.Message, operator+"to allow ses:GetAccount to the function.")
		return all, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the account of Amazon SES was not read: %w", err)
	}
	switch status := aws.ToString(account.EnforcementStatus); {
	case status == "SHUTDOWN" || !account.SendingEnabled:
		const paused = "SendingPausedException"
		add(paused, refusals[paused].message, Action(paused))
	case !account.ProductionAccessEnabled:
		add("Sandbox", "The deployment's account of Amazon SES is in the sandbox and reaches verified addresses only", operator+"to request production access in the SES console.")
	}
	problem, err := c.inlet(ctx, a.Connection)
	if err != nil {
		return nil, err
	}
	if problem != nil {
		all = append(all, *problem)
	}
	return all, nil
}

// denied returns the refusal of a read that the deployment has no right to, or nil.
func denied(err error) *channel.SendError {
	if _, ok := errors.AsType[smithy.APIError](err); !ok {
		return nil
	}
	if f := failureOf(err, false); f.Kind == channel.Stopped && strings.HasPrefix(f.Details, "AccessDenied") {
		return f
	}
	return nil
}
