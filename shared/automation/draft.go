package automation

import (
	"context"
	"crypto/rand"
	"maps"
	"strings"
	"sync"

	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/secret"
)

// Sealer seals secrets of automations.
type Sealer interface {
	SealAutomationSecret(ctx context.Context, orgID, automationID, name, plain string) ([]byte, error)
}

// Edit returns the automation's draft with another definition. Secrets that did not come with it
// are those of the draft until now, and an Invalid error names one that the draft does not have,
// or that would go to another host. The secret of a webhook trigger is minted if none came and
// none of its type is stored: it is not in the draft in plain form, so this is the only time to
// show it.
func (a Automation) Edit(ctx context.Context, p Parsed, sealer Sealer) (draft Draft, minted string, err error) {
	draft = Draft{Definition: p.Definition, Secrets: Secrets{}}
	if err := a.Draft.keepHeaders(p, draft.Secrets); err != nil {
		return Draft{}, "", err
	}
	plain := maps.Clone(p.Plain)
	if p.Trigger.Type == Webhook && plain[VerifySecret] == "" {
		if sealed, ok := a.Draft.Secrets[VerifySecret]; ok && a.Draft.Trigger.Verify.Type == p.Trigger.Verify.Type {
			draft.Secrets[VerifySecret] = sealed
		} else {
			minted = p.Trigger.Verify.Type.mint()
			plain[VerifySecret] = minted
		}
	}
	for name, value := range plain {
		if draft.Secrets[name], err = sealer.SealAutomationSecret(ctx, a.OrgID, a.ID, name, value); err != nil {
			return Draft{}, "", err
		}
	}
	return draft, minted, nil
}

// keepHeaders copies the secret headers that did not come with a definition to kept.
func (d Draft) keepHeaders(p Parsed, kept Secrets) error {
	before := map[string]Step{}
	for _, s := range d.All() {
		before[s.ID] = s
	}
	for path, s := range p.All() {
		for _, header := range s.SecretHeaders {
			name, at := HeaderSecret(s.ID, header), path+".secret_headers."+header
			if p.Plain[name] != "" {
				continue
			}
			sealed, ok := d.Secrets[name]
			switch {
			case !ok:
				return fault.Rule(at, "must have a value, because none is stored")
			case origin(before[s.ID]) != origin(s):
				return fault.Rule(at, "must be given again, because url leads to another host")
			}
			kept[name] = sealed
		}
	}
	return nil
}

// mint returns a new secret: in the form of the Standard Webhooks specification for that type,
// and as plain letters and digits for the others.
func (t VerifyType) mint() string {
	if t == StandardWebhooks {
		return secret.New()
	}
	return rand.Text()
}

// origin returns the scheme and the host of an HTTP step, which no template can change; empty
// for other steps.
func origin(s Step) string {
	c, err := Compile(s)
	if err != nil || c.request == nil {
		return ""
	}
	return strings.ToLower(c.request.Origin())
}

// CheckURLs returns an Invalid error with its place for a step that sends requests to where none
// may go. Hosts that before has, too, are not asked for: each request checks its host again.
func (d Definition) CheckURLs(ctx context.Context, urls delivery.URLs, before Definition) error {
	known := map[string]bool{"": true}
	for _, s := range before.All() {
		known[origin(s)] = true
	}
	var errs []*error
	var all sync.WaitGroup
	for path, s := range d.All() {
		at := origin(s)
		if known[at] {
			continue
		}
		known[at] = true
		err := new(error)
		errs = append(errs, err)
		all.Go(func() { *err = urls.Check(ctx, path+".url", at+"/") })
	}
	all.Wait()
	for _, err := range errs {
		if *err != nil {
			return *err
		}
	}
	return nil
}
