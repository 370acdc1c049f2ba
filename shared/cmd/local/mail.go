package main

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/channel/ses"
)

// demoDomain is the domain that the demo orgs send mail from.
const demoDomain = "mail.example"

// letSend assigns the domain to the demo orgs. The local AWS verifies it at once.
func (d demo) letSend(ctx context.Context, deps *boot.Deps) error {
	var orgs []string
	for _, org := range d.Orgs {
		orgs = append(orgs, org.ID)
	}
	return ses.New(deps.AWS("ses", deps.Config().Endpoint), net.DefaultResolver, time.Now).Assign(ctx, demoDomain, orgs...)
}

// greetingOfMail returns the text that says where sent mail is.
func greetingOfMail(endpoint string) string {
	return fmt.Sprintf("Agents answer mail to addresses at %s, and %s/_ministack/ses/messages has what they sent.\n", demoDomain, endpoint)
}
