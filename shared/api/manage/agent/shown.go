package agent

import "github.com/quintet-agents/quintet/shared/agent"

// VersionShape is a version as Flametalk shows it.
type VersionShape = versionShape

// ShapeOfVersion returns a version as Flametalk shows it.
func ShapeOfVersion(v agent.Version) VersionShape { return versionOf(v) }
