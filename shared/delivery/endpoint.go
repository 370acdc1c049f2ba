package delivery

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/quintet-agents/quintet/shared/fault"
)

// The limits of endpoints.
const (
	MaxEndpoints   = 20  // of an org
	MaxDescription = 500 // characters
)

// Endpoint is a URL that an org wants events sent to. Its id is the target of
// its deliveries and the name of its secret.
type Endpoint struct {
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

// Reason is why an endpoint was disabled that its owner has not disabled.
type Reason string

// The reasons.
const (
	Gone    Reason = "gone"    // it answered 410
	Failing Reason = "failing" // longer than it may
)

// EndpointPatch is a change of an endpoint; nil fields stay as they are.
type EndpointPatch struct {
	URL         *string
	Description *string
	Events      *[]string
	Disabled    *bool
}

// Apply returns the endpoint as the patch leaves it. Enabling it forgets what
// went wrong before, and so does moving it.
func (p EndpointPatch) Apply(e Endpoint) Endpoint {
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

// Wants reports whether events of a type go to the endpoint.
func (e Endpoint) Wants(event string) bool { return !e.Disabled && slices.Contains(e.Events, event) }

// CleanDescription returns a description as it is kept, or an Invalid error.
func CleanDescription(text string) (string, error) {
	text = strings.TrimSpace(text)
	if utf8.RuneCountInString(text) > MaxDescription {
		return "", fault.Field("description", "description must have at most %d characters", MaxDescription)
	}
	return text, nil
}

// ErrNoEndpoint is what an unknown endpoint is answered with.
var ErrNoEndpoint = fault.New(fault.NotFound, "Webhook not found")

// ErrTooManyEndpoints is what an org gets that has MaxEndpoints.
var ErrTooManyEndpoints = fault.New(fault.Conflict, "An org has at most %d webhooks", MaxEndpoints)
