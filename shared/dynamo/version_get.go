package dynamo

import (
	"context"
	"errors"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/quintet-agents/quintet/shared/agent"
)

// Version returns a version with its instructions, settings and tools. The error is
// agent.ErrNotFound or agent.ErrNoVersion.
func (s *Store) Version(ctx context.Context, orgID, agentID, versionID string) (agent.Version, error) {
	var (
		versions      []agent.Version
		content       agent.Version
		wave, waveCtx = errgroup.WithContext(ctx)
		missing       error
	)
	wave.Go(func() error { _, err := s.Agent(waveCtx, orgID, agentID); return err })
	wave.Go(func() (err error) { versions, err = s.Versions(waveCtx, orgID, agentID); return err })
	wave.Go(func() (err error) {
		if content, err = s.content(waveCtx, orgID, agentID, versionID); errors.Is(err, agent.ErrNoVersion) {
			missing, err = err, nil // unless the agent is missing, too
		}
		return err
	})
	if err := wave.Wait(); err != nil {
		return agent.Version{}, err
	}
	i := slices.IndexFunc(versions, func(v agent.Version) bool { return v.ID == versionID })
	if missing != nil || i < 0 {
		return agent.Version{}, agent.ErrNoVersion
	}
	v := versions[i]
	v.Instructions, v.Settings, v.Tools = content.Instructions, content.Settings, content.Tools
	return v, nil
}

// Newest returns the version that a change of an agent starts from: the newest one if it is a
// draft, else the deployed one.
func (s *Store) Newest(ctx context.Context, orgID, agentID string) (agent.Version, error) {
	a, err := s.Agent(ctx, orgID, agentID)
	if err != nil {
		return agent.Version{}, err
	}
	return s.base(ctx, a)
}

// content returns the instructions, settings and tools of a version, or
// agent.ErrNoVersion.
func (s *Store) content(ctx context.Context, orgID, agentID, versionID string) (agent.Version, error) {
	var r textRow
	if err := s.get(ctx, textKey(orgID, agentID, versionID), &r, agent.ErrNoVersion); err != nil {
		return agent.Version{}, err
	}
	v := agent.Version{Instructions: r.Instructions, Settings: r.settings()}
	var err error
	if r.Tools > 0 {
		v.Tools, err = s.Tools(ctx, orgID, agentID, versionID)
	}
	return v, err
}

// Tools returns the tools of a version, none for an unknown one. Those of a deployed version
// never change.
func (s *Store) Tools(ctx context.Context, orgID, agentID, versionID string) ([]agent.Tool, error) {
	var r toolsRow
	if err := s.get(ctx, toolsKey(orgID, agentID, versionID), &r, nil); err != nil {
		return nil, err
	}
	return r.tools()
}
