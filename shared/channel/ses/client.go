// Package ses sends mail through Amazon SES, for connections of every mail provider: those only
// receive.
//
// Client is a channel.Provider. It sends each mail once and does not retry; the Kind of a
// channel.SendError says what is safe. All orgs of a deployment share its SES account, so a
// verified identity does not prove that an org may send from it: the identity must also be
// assigned to the org by a tag (see connection.IdentityTag), which the client checks before it
// sends. Verify checks that, the account, and the DNS of the address.
package ses

import (
	"context"
	"net"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"github.com/quintet-agents/quintet/shared/channel"
)

// Resolver looks mail servers up; *net.Resolver is one.
type Resolver interface {
	LookupMX(ctx context.Context, domain string) ([]*net.MX, error)
}

// Client sends mail.
type Client struct {
	api      *sesv2.Client
	region   string
	dns      Resolver
	now      func() time.Time
	assigned assigned
}

var _ channel.Provider = (*Client)(nil)

// New returns a client of SES in the region and with the credentials of a configuration.
func New(config aws.Config, dns Resolver, now func() time.Time) *Client {
	return &Client{api: sesv2.NewFromConfig(config), region: config.Region, dns: dns, now: now}
}

// Split returns the whole text: a mail has no limit that an answer reaches.
func (c *Client) Split(text string) []string { return []string{text} }

// Typing does nothing: mail shows neither reading nor writing.
func (c *Client) Typing(context.Context, channel.Account, channel.Inbound) error { return nil }

// Fetch returns an error: the files of a mail arrive with it, and no later attempt has them.
func (c *Client) Fetch(context.Context, channel.Account, channel.Media, int64) (data []byte, contentType string, err error) {
	return nil, "", &channel.SendError{Kind: channel.Rejected, Message: "The files of a mail cannot be fetched from Amazon SES"}
}
