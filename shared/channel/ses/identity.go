package ses

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/mail/reply"
	"github.com/quintet-agents/quintet/shared/connection"
)

// mayUse returns why the org of a connection may not send from its address, or nil. SES allows
// one such request per second and account, so what is allowed is remembered for a while.
func (c *Client) mayUse(ctx context.Context, of connection.Connection) *channel.SendError {
	now := c.now()
	if c.assigned.recently(of, now) {
		return nil
	}
	code, err := c.identity(ctx, of)
	switch {
	case err != nil:
		f := failureOf(err, false)
		if f.Kind == channel.Unknown {
			f = unsent(err) // no mail was in the request
		}
		return f
	case code != "":
		return &channel.SendError{Kind: refusals[code].kind, Message: refusals[code].message, Name: code, Action: actionOf(code)}
	}
	c.assigned.remember(of, now)
	return nil
}

// identity returns the code of what keeps an org from sending from an address; empty: nothing
// does. The most specific verified identity decides: that of the address, of its domain, or of a
// domain above.
func (c *Client) identity(ctx context.Context, of connection.Connection) (code string, err error) {
	address, err := reply.ASCII(of.Identifiers["address"])
	if err != nil {
		return codeNoIdentity, nil //nolint:nilerr // SES has no identity for such an address
	}
	for _, name := range identities(address) {
		got, err := c.api.GetEmailIdentity(ctx, &sesv2.GetEmailIdentityInput{EmailIdentity: &name})
		if _, none := errors.AsType[*types.NotFoundException](err); none {
			continue
		}
		switch {
		case err != nil:
			return "", err
		case !got.VerifiedForSendingStatus:
			continue
		case !assignedTo(got.Tags, of.OrgID):
			return codeNotAssigned, nil
		}
		return "", nil
	}
	return codeNoIdentity, nil
}

// maxDomains bounds the domains that are asked for.
const maxDomains = 4

// identities returns the names that an identity of an address can have, the most specific first.
func identities(address string) []string {
	_, domain, _ := strings.Cut(address, "@")
	names := []string{address}
	for range maxDomains {
		names = append(names, domain)
		_, above, _ := strings.Cut(domain, ".")
		if !strings.Contains(above, ".") {
			break
		}
		domain = above
	}
	return names
}

// assignedTo reports whether the tags of an identity name an org. A tag may name several, with
// blanks between them.
func assignedTo(tags []types.Tag, orgID string) bool {
	return slices.ContainsFunc(tags, func(t types.Tag) bool {
		return aws.ToString(t.Key) == connection.IdentityTag && slices.Contains(strings.Fields(aws.ToString(t.Value)), orgID)
	})
}

// assigned remembers which orgs may send from which addresses.
type assigned struct {
	mu    sync.Mutex
	since map[string]time.Time
}

const (
	assignedTime = 10 * time.Minute // how long an org may still send after its tag is removed
	maxAssigned  = 1000
)

func (a *assigned) recently(c connection.Connection, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	since, ok := a.since[a.key(c)]
	return ok && now.Sub(since) < assignedTime
}

func (a *assigned) remember(c connection.Connection, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.since == nil || len(a.since) >= maxAssigned {
		a.since = map[string]time.Time{}
	}
	a.since[a.key(c)] = now
}

func (*assigned) key(c connection.Connection) string { return c.OrgID + " " + c.Identifiers["address"] }
