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

// Webhook is a URL that an org wants events sent to. Its id is the target of
// its deliveries and the name of its secret.
type Webhook struct {
	ID          string // UUIDv7
	OrgID       string
	URL         string
	Description string
	Events      []string // the types it wants
	Disabled    bool
	Reason      Reason // why we have disabled it; empty when we have not
	CreatedAt   time.Time

	FailingSince time.Time // the first failure after the last success; zero when there is none
	Secret       string    // once, when it is made
}

// Reason is why a webhook was disabled that its owner has not disabled.
type Reason string

// The reasons.
const (
	Gone    Reason = "gone"    // it answered 410
	Failing Reason = "failing" // longer than it may
)

// WebhookPatch is a change of a webhook; nil fields stay as they are.
type WebhookPatch struct {
	URL         *string
	Description *string
	Events      *[]string
	Disabled    *bool
}

// Apply returns the webhook as the patch leaves it. Enabling it forgets what
// went wrong before, and so does moving it.
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

// Wants reports whether events of a type go to the webhook.
func (e Webhook) Wants(event string) bool { return !e.Disabled && slices.Contains(e.Events, event) }

// DescriptionRule says what the description of a webhook may be.
var DescriptionRule = fmt.Sprintf("must be a string of at most %d characters", MaxDescription)

// CleanDescription returns a description as it is kept, or an Invalid error.
func CleanDescription(text string) (string, error) {
	text = strings.TrimSpace(text)
	if utf8.RuneCountInString(text) > MaxDescription {
		return "", fault.Field("description", "description %s", DescriptionRule)
	}
	return text, nil
}

// ErrNoWebhook is what an unknown webhook is answered with.
var ErrNoWebhook = fault.New(fault.NotFound, "Webhook not found")

// ErrTooManyWebhooks is what an org gets that has MaxWebhooks.
var ErrTooManyWebhooks = fault.New(fault.Conflict, "An organisation can have at most %d webhooks", MaxWebhooks)
