package flametalk

import (
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/wire"
)

// success is the envelope of every answer that is not an error.
type success struct {
	Success    bool        `json:"success"`
	Data       any         `json:"data"`
	Pagination *pagination `json:"pagination,omitempty"`
}

type pagination struct {
	Total   int  `json:"total"`
	Limit   int  `json:"limit"`
	Offset  int  `json:"offset"`
	HasMore bool `json:"has_more"`
}

// card is an agent as create and update show it.
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
	c := card{ID: a.ID, Slug: a.Slug, Name: a.Name, CreatedAt: date(a.CreatedAt), UpdatedAt: date(a.UpdatedAt)}
	if a.Description != "" {
		c.Description = &a.Description
	}
	return c
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
			DeploymentStatus: v.Status, CreatedAt: date(v.CreatedAt),
		})
	}
	return d
}

// date is how the surface prints a time: to the second, in UTC.
func date(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// ok is the answer to a change that was made.
func ok(status int, data any) wire.Answer {
	return wire.Answer{Status: status, Body: success{Success: true, Data: data}}
}
