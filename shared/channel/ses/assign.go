package ses

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"github.com/quintet-agents/quintet/shared/connection"
)

// Assign creates an identity that orgs may send from, in place of one of the same name. It is for
// a local AWS, which verifies identities at once. In AWS this is the operator's work: the identity
// is verified by DNS.
func (c *Client) Assign(ctx context.Context, identity string, orgs ...string) error {
	_, err := c.api.DeleteEmailIdentity(ctx, &sesv2.DeleteEmailIdentityInput{EmailIdentity: &identity})
	if _, none := errors.AsType[*types.NotFoundException](err); err != nil && !none {
		return err
	}
	_, err = c.api.CreateEmailIdentity(ctx, &sesv2.CreateEmailIdentityInput{
		EmailIdentity: &identity, Tags: []types.Tag{{Key: new(connection.IdentityTag), Value: new(strings.Join(orgs, " "))}},
	})
	return err
}
