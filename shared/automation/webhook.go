package automation

import "github.com/quintet-agents/quintet/shared/fault"

// ErrNoHook is the error of a path that no published automation has.
var ErrNoHook = fault.New(fault.NotFound, "No published automation has this path")

// ValidPath reports whether a webhook trigger may have a path.
func ValidPath(path string) bool { return pathForm.MatchString(path) }

// Hook is what the path of a webhook trigger leads to: enough to verify a request without reading
// the automation.
type Hook struct {
	OrgID        string
	AutomationID string
	Revision     int64 // of the automation
	Disabled     bool
	Verify       VerifyType
	Secret       []byte // sealed under VerifySecret
}

// Hook returns the hook of a published webhook trigger, also of a disabled automation. It reports
// false if there is none.
func (a Automation) Hook() (Hook, bool) {
	if a.Path() == "" {
		return Hook{}, false
	}
	h := Hook{OrgID: a.OrgID, AutomationID: a.ID, Revision: a.Revision, Disabled: a.Disabled, Secret: a.Published.Secrets[VerifySecret]}
	if v := a.Published.Trigger.Verify; v != nil {
		h.Verify = v.Type
	}
	return h, true
}
