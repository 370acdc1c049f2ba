package dynamo

import "github.com/quintet-agents/quintet/shared/agent"

type agentRow struct {
	PK          string      `dynamodbav:"pk"`
	SK          string      `dynamodbav:"sk"`
	ID          string      `dynamodbav:"id"`
	OrgID       string      `dynamodbav:"org_id"`
	Slug        string      `dynamodbav:"slug"`
	Name        string      `dynamodbav:"name"`
	Description string      `dynamodbav:"description,omitempty"`
	Model       string      `dynamodbav:"model,omitempty"`
	Temperature float64     `dynamodbav:"temperature"`
	Deployed    *versionRef `dynamodbav:"deployed,omitempty"`
	Versions    int         `dynamodbav:"versions"`
	CreatedAt   string      `dynamodbav:"created_at"`
	UpdatedAt   string      `dynamodbav:"updated_at"`
	Revision    int64       `dynamodbav:"revision"`
}

type versionRef struct {
	ID     string `dynamodbav:"id"`
	Number int    `dynamodbav:"number"`
	Label  string `dynamodbav:"label"`
}

type liveRow struct {
	PK           string      `dynamodbav:"pk"`
	SK           string      `dynamodbav:"sk"`
	OrgID        string      `dynamodbav:"org_id"`
	AgentID      string      `dynamodbav:"agent_id"`
	Slug         string      `dynamodbav:"slug"`
	Name         string      `dynamodbav:"name"`
	Deployed     *versionRef `dynamodbav:"deployed,omitempty"`
	Instructions string      `dynamodbav:"instructions,omitempty"`
	agentSettingsRow
	Tools   int  `dynamodbav:"tools,omitempty"`
	Deleted bool `dynamodbav:"deleted,omitempty"`
}

func agentRowOf(a agent.Agent) agentRow {
	at := agentKey(a.OrgID, a.ID)
	return agentRow{
		PK: at.pk, SK: at.sk, ID: a.ID, OrgID: a.OrgID, Slug: a.Slug, Name: a.Name, Description: a.Description,
		Model: a.Model, Temperature: a.Temperature, Deployed: (*versionRef)(a.Deployed), Versions: a.Versions,
		CreatedAt: stamp(a.CreatedAt), UpdatedAt: stamp(a.UpdatedAt), Revision: a.Revision,
	}
}

func (r agentRow) agent() agent.Agent {
	return agent.Agent{
		ID: r.ID, OrgID: r.OrgID, Slug: r.Slug, Name: r.Name, Description: r.Description,
		Model: r.Model, Temperature: r.Temperature, Deployed: (*agent.VersionRef)(r.Deployed), Versions: r.Versions,
		CreatedAt: unstamp(r.CreatedAt), UpdatedAt: unstamp(r.UpdatedAt), Revision: r.Revision,
	}
}

// liveRowsOf returns both copies of the row that chats read, with what they need of the
// deployed version.
func liveRowsOf(a agent.Agent, deployed textRow, deleted bool) [2]liveRow {
	row := liveRow{
		OrgID: a.OrgID, AgentID: a.ID, Slug: a.Slug, Name: a.Name, Deployed: (*versionRef)(a.Deployed),
		Instructions: deployed.Instructions, agentSettingsRow: deployed.agentSettingsRow, Tools: deployed.Tools, Deleted: deleted,
	}
	byID, bySlug := row, row
	at, alias := liveKey(a.OrgID, a.ID), liveKey(a.OrgID, a.Slug)
	byID.PK, byID.SK = at.pk, at.sk
	bySlug.PK, bySlug.SK = alias.pk, alias.sk
	return [2]liveRow{byID, bySlug}
}

func (r liveRow) live() agent.Live {
	return agent.Live{
		OrgID: r.OrgID, AgentID: r.AgentID, Slug: r.Slug, Name: r.Name, Deployed: (*agent.VersionRef)(r.Deployed),
		Instructions: r.Instructions, Settings: r.settings(), Tools: r.Tools, Deleted: r.Deleted,
	}
}
