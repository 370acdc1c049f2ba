// Package flametalk is the surface with Flametalk's Agents API: agents and their versions, under
// /api/v1/agents and /v1/agents.
package flametalk

import (
	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/wire"
)

type pagination struct {
	Total   int  `json:"total"`
	Limit   int  `json:"limit"`
	Offset  int  `json:"offset"`
	HasMore bool `json:"has_more"`
}

// card is the shape of an agent in the answers of create and update.
type card struct {
	ID          string  `json:"id"`
	Slug        string  `json:"slug"`
	Name        string  `json:"name"`
	Description *string `json:"description"` // null when there is none
	CreatedAt   string  `json:"created_at"`
	UpdatedAt   string  `json:"updated_at"`
}

// row is an agent in a list.
type row struct {
	card
	DeployedVersion *versionRef `json:"deployed_version"` // null until one is deployed
}

type versionRef struct {
	ID           string `json:"id"`
	VersionLabel string `json:"version_label"`
}

// detail is an agent with its versions, newest first.
type detail struct {
	card
	DeployedVersion *deployedVersion `json:"deployed_version"`
	Versions        []version        `json:"versions"`
}

type deployedVersion struct {
	versionRef
	Instructions string `json:"instructions"`
}

type version struct {
	versionRef
	DeploymentStatus agent.Status `json:"deployment_status"`
	CreatedAt        string       `json:"created_at"`
}

func cardOf(a agent.Agent) card {
	return card{
		ID: a.ID, Slug: a.Slug, Name: a.Name, Description: wire.Nullable(a.Description),
		CreatedAt: wire.Date(a.CreatedAt), UpdatedAt: wire.Date(a.UpdatedAt),
	}
}

func rowOf(a agent.Agent) row {
	r := row{card: cardOf(a)}
	if a.Deployed != nil {
		r.DeployedVersion = &versionRef{ID: a.Deployed.ID, VersionLabel: a.Deployed.Label}
	}
	return r
}

func detailOf(a agent.Detail) detail {
	d := detail{card: cardOf(a.Agent), Versions: make([]version, 0, len(a.Versions))}
	if a.Deployed != nil {
		d.DeployedVersion = &deployedVersion{
			versionRef:   versionRef{ID: a.Deployed.ID, VersionLabel: a.Deployed.Label},
			Instructions: a.Instructions,
		}
	}
	for _, v := range a.Versions {
		d.Versions = append(d.Versions, version{
			versionRef:       versionRef{ID: v.ID, VersionLabel: v.Label},
			DeploymentStatus: v.Status, CreatedAt: wire.Date(v.CreatedAt),
		})
	}
	return d
}
