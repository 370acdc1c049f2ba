package dynamo

import "github.com/quintet-agents/quintet/shared/delivery"

type webhookRow struct {
	PK           string   `dynamodbav:"pk"`
	SK           string   `dynamodbav:"sk"`
	ID           string   `dynamodbav:"id"`
	OrgID        string   `dynamodbav:"org_id"`
	URL          string   `dynamodbav:"url"`
	Description  string   `dynamodbav:"description,omitempty"`
	Events       []string `dynamodbav:"events"`
	Disabled     bool     `dynamodbav:"disabled,omitempty"`
	DisabledAt   string   `dynamodbav:"disabled_at,omitempty"` // by us
	Reason       string   `dynamodbav:"reason,omitempty"`
	FailingSince string   `dynamodbav:"failing_since,omitempty"`
	CreatedAt    string   `dynamodbav:"created_at"`
}

func webhookRowOf(e delivery.Webhook) webhookRow {
	at := webhookKey(e.OrgID, e.ID)
	return webhookRow{
		PK: at.pk, SK: at.sk, ID: e.ID, OrgID: e.OrgID, URL: e.URL, Description: e.Description, Events: e.Events,
		Disabled: e.Disabled, CreatedAt: stamp(e.CreatedAt),
	}
}

func (r webhookRow) webhook() delivery.Webhook {
	return delivery.Webhook{
		ID: r.ID, OrgID: r.OrgID, URL: r.URL, Description: r.Description, Events: r.Events, Disabled: r.Disabled,
		Reason: delivery.Reason(r.Reason), FailingSince: unstamp(r.FailingSince), CreatedAt: unstamp(r.CreatedAt),
	}
}
