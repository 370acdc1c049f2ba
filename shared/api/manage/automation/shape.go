package automation

import (
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/automation"
)

type (
	// rowShape is an automation as lists show it, without its steps.
	rowShape struct {
		headShape

		Draft     triggerShape       `json:"draft"`
		Published *publishedRowShape `json:"published"` // null before it is published
	}
	// wholeShape is an automation.
	wholeShape struct {
		headShape

		Draft     automation.Definition `json:"draft"`
		Published *publishedShape       `json:"published"`
		Secret    string                `json:"secret,omitempty"` // only in the answer to the request that made it
	}
	headShape struct {
		ID         string            `json:"id"`
		Name       string            `json:"name"`
		Status     automation.Status `json:"status"`
		WebhookURL *string           `json:"webhook_url"` // null without a webhook trigger
		NextRunAt  *string           `json:"next_run_at"` // null unless a schedule starts runs
		CreatedAt  string            `json:"created_at"`
		UpdatedAt  string            `json:"updated_at"`
	}
	triggerShape struct {
		Trigger automation.Trigger `json:"trigger"`
	}
	publishedRowShape struct {
		Version int    `json:"version"`
		At      string `json:"published_at"`
		triggerShape
	}
	publishedShape struct {
		Version int    `json:"version"`
		At      string `json:"published_at"`
		automation.Definition
	}
)

func headOf(base string, a automation.Automation) headShape {
	return headShape{
		ID: a.ID, Name: a.Name, Status: a.Status(), WebhookURL: wire.Nullable(a.WebhookURL(base)), NextRunAt: wire.NullableDate(a.Due),
		CreatedAt: wire.Date(a.CreatedAt), UpdatedAt: wire.Date(a.UpdatedAt),
	}
}

// rowOf returns how lists show automations of a deployment with a base URL.
func rowOf(base string) func(automation.Automation) rowShape {
	return func(a automation.Automation) rowShape {
		s := rowShape{headShape: headOf(base, a), Draft: triggerShape{a.Draft.Trigger}}
		if p := a.Published; p != nil {
			s.Published = &publishedRowShape{p.Version, wire.Date(p.At), triggerShape{p.Trigger}}
		}
		return s
	}
}

// shapeOf returns an automation with the secret that was made for it, if there is one.
func shapeOf(base string, a automation.Automation, minted string) wholeShape {
	s := wholeShape{headShape: headOf(base, a), Draft: a.Draft.Definition, Secret: minted}
	if p := a.Published; p != nil {
		s.Published = &publishedShape{p.Version, wire.Date(p.At), p.Definition}
	}
	return s
}
