package delivery

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/quintet-agents/quintet/shared/fault"
)

// The limits of webhooks.
const (
	MaxWebhooks    = 20  // of an org
	MaxDescription = 500 // characters
)

// Webhook is an org's URL with the event types that it wants. Its id is the target of its
// deliveries and the name of its secret.
type Webhook struct {
	ID          string // UUIDv7
	OrgID       string
	URL         string
	Description string
	Events      []string // the types it wants
	Disabled    bool
	Reason      Reason // why the service has disabled it; empty if it has not
	CreatedAt   time.Time

	FailingSince time.Time // the first failure after the last success; zero if there is none
	Secret       string    // set only at creation
}

// Reason is the reason why the service, not the owner, has disabled a webhook.
type Reason string

// The reasons.
const (
	Gone    Reason = "gone"    // the receiver answered 410
	Failing Reason = "failing" // all attempts failed for mayFail
)

// WebhookPatch is a change of a webhook; nil fields stay unchanged.
type WebhookPatch struct {
	URL         *string
	Description *string
	Events      *[]string
	Disabled    *bool
}

// Apply returns the patched webhook. Enabling it or changing its URL resets its failures.
func (p WebhookPatch) Apply(e Webhook) Webhook {
	if p.URL != nil && *p.URL != e.URL {
		e.URL, e.FailingSince = *p.URL, time.Time{}
	}
	if p.Description != nil {
		e.Description = *p.Description
	}
	if p.Events != nil {
		e.Events = *p.Events
	}
	if p.Disabled != nil {
		e.Disabled, e.Reason = *p.Disabled, ""
		if !e.Disabled {
			e.FailingSince = time.Time{}
		}
	}
	return e
}

// Wants reports whether the webhook is enabled and wants events of a type.
func (e Webhook) Wants(event string) bool { return !e.Disabled && slices.Contains(e.Events, event) }

// DescriptionRule says what the description of a webhook may be.
var DescriptionRule = fmt.Sprintf("must be a string of at most %d characters", MaxDescription)

// CleanDescription returns a description in its stored form, or an Invalid error.
func CleanDescription(text string) (string, error) {
	text = strings.TrimSpace(text)
	if utf8.RuneCountInString(text) > MaxDescription {
		return "", fault.Rule("description", DescriptionRule)
	}
	return text, nil
}

// ErrNoWebhook is the error for an unknown webhook.
var ErrNoWebhook = fault.New(fault.NotFound, "Webhook not found")

// ErrTooManyWebhooks is the error for an org that already has MaxWebhooks.
var ErrTooManyWebhooks = fault.New(fault.Conflict, "An organisation can have at most %d webhooks", MaxWebhooks)
