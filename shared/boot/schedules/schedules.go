// Package schedules returns the task that starts the runs of automations with schedules. It is
// separate from package later, because it links the time zones.
package schedules

import (
	"github.com/quintet-agents/quintet/shared/automation"
	_ "github.com/quintet-agents/quintet/shared/automation/zones" // of cron expressions
	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/boot/later"
)

// Sweep returns the task that starts the runs that are due.
func Sweep(d *boot.Deps) boot.Job {
	s := &automation.Scheduler{Store: d.Store(), Workers: later.Automations(d), Now: d.Now}
	return s.Sweep
}
