package later

import (
	"github.com/quintet-agents/quintet/shared/automation/hook"
	"github.com/quintet-agents/quintet/shared/boot"
)

// Hooks returns what lets the requests in that start automations.
func Hooks(d *boot.Deps) *hook.Receiver {
	return hook.NewReceiver(d.Store(), box(d), Automations(d), d.Now)
}
