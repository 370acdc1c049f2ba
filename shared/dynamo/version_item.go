package dynamo

import "github.com/quintet-agents/quintet/shared/agent"

// A version has up to three rows: versionRow is for lists, textRow has what a deployment
// copies to the rows that chats read, and toolsRow exists for a version with tools.

type versionRow struct {
	PK        string `dynamodbav:"pk"`
	SK        string `dynamodbav:"sk"`
	ID        string `dynamodbav:"id"`
	Number    int    `dynamodbav:"number"`
	Label     string `dynamodbav:"label"`
	Status    string `dynamodbav:"status"`
	CreatedAt string `dynamodbav:"created_at"`
}

type textRow struct {
	PK           string `dynamodbav:"pk"`
	SK           string `dynamodbav:"sk"`
	Instructions string `dynamodbav:"instructions"`
	agentSettingsRow
	Tools int `dynamodbav:"tools,omitempty"` // how many toolsRow has
}

func versionRowOf(a agent.Agent, v agent.Version) versionRow {
	at := versionKey(a.OrgID, a.ID, v.Number)
	return versionRow{
		PK: at.pk, SK: at.sk, ID: v.ID, Number: v.Number, Label: v.Label, Status: string(v.Status), CreatedAt: stamp(v.CreatedAt),
	}
}

func (r versionRow) version() agent.Version {
	return agent.Version{
		VersionRef: agent.VersionRef{ID: r.ID, Number: r.Number, Label: r.Label},
		Status:     agent.Status(r.Status), CreatedAt: unstamp(r.CreatedAt),
	}
}

func textRowOf(a agent.Agent, v agent.Version) textRow {
	at := textKey(a.OrgID, a.ID, v.ID)
	return textRow{PK: at.pk, SK: at.sk, Instructions: v.Instructions, agentSettingsRow: agentSettingsRowOf(v.Settings), Tools: len(v.Tools)}
}
