package automation

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/quintet-agents/quintet/shared/fault"
)

// Status says whether an automation runs.
type Status string

// An automation is a draft until it is published. A disabled one starts no runs.
const (
	StatusDraft     Status = "draft"
	StatusPublished Status = "published"
	StatusDisabled  Status = "disabled"
)

// Status returns the status of the automation.
func (a Automation) Status() Status {
	switch {
	case a.Disabled:
		return StatusDisabled
	case a.Published == nil:
		return StatusDraft
	}
	return StatusPublished
}

// WebhookURL returns the URL that starts runs, or empty without a webhook trigger: that of the
// published definition, and before that the one that the draft will have. base is the URL of the
// API.
func (a Automation) WebhookURL(base string) string {
	path := a.Draft.Trigger.Path
	if a.Published != nil {
		path = a.Path()
	}
	if path == "" {
		return ""
	}
	return base + "/api/webhooks/automations/" + path
}

const maxName = 100 // characters of an automation's name

// NameRule says what the name of an automation may be.
var NameRule = fmt.Sprintf("must be a string of 1 to %d characters", maxName)

// CleanName returns a name without spaces around it, or an Invalid error.
func CleanName(name string) (string, error) {
	name = strings.TrimSpace(name)
	if n := utf8.RuneCountInString(name); n < 1 || n > maxName {
		return "", fault.Rule("name", NameRule)
	}
	return name, nil
}
