package connection

import "time"

// Patch is a change of a connection; nil fields stay as they are.
type Patch struct {
	Name     *string
	AgentID  *string
	Disabled *bool
	Settings SettingsPatch
}

// SettingsPatch is a change of settings; nil fields stay as they are.
type SettingsPatch struct {
	QuietSeconds    *int
	UnsupportedText *string
	Fallback        **Template // points to nil: no template any more
	PublicURL       *string
}

// Empty reports whether the patch changes nothing.
func (p Patch) Empty() bool { return p == Patch{} }

// Apply returns the settings as the patch leaves them.
func (p SettingsPatch) Apply(s Settings) Settings {
	set(&s.QuietSeconds, p.QuietSeconds)
	set(&s.UnsupportedText, p.UnsupportedText)
	set(&s.Fallback, p.Fallback)
	set(&s.PublicURL, p.PublicURL)
	return s
}

// Apply returns the connection as the patch leaves it. Enabling it forgets its problem: the
// next message shows whether there still is one.
func (p Patch) Apply(c Connection, now time.Time) Connection {
	set(&c.Name, p.Name)
	set(&c.AgentID, p.AgentID)
	c.Settings, c.UpdatedAt = p.Settings.Apply(c.Settings), now
	switch {
	case p.Disabled == nil:
	case *p.Disabled:
		c = c.Disable(ByOwner, now)
	default:
		c.Disabled, c.Reason, c.Problem = false, "", nil
	}
	return c
}

// Binds reports whether the patch names an agent or enables the connection, so that
// the agent must exist.
func (p Patch) Binds() bool { return p.AgentID != nil || p.Disabled != nil && !*p.Disabled }

// Rotate returns the connection with its next version of credentials. The problem that the
// old ones had is forgotten.
func (c Connection) Rotate(now time.Time) Connection {
	c.Credentials++
	c.RotatedAt, c.UpdatedAt, c.Problem, c.Verification = now, now, nil, nil
	return c
}

// Report returns the connection with a problem that its provider has reported. The first
// problem stays until it is solved, unless it passes and the new one does not.
func (c Connection) Report(p Problem) Connection {
	if c.Problem == nil || c.Problem.Passes() && !p.Passes() {
		c.Problem, c.UpdatedAt = &p, p.Since
	}
	return c
}

func set[T any](field, value *T) {
	if value != nil {
		*field = *value
	}
}
