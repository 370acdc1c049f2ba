// Code generated from shared/routes by "make functions". DO NOT EDIT.

package main

import (
	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/boot/later"
	"github.com/quintet-agents/quintet/shared/boot/schedules"
	"github.com/quintet-agents/quintet/shared/turn"
)

func main() {
	boot.Schedule(func(d *boot.Deps) boot.Job {
		return boot.Jobs(turn.Sweep(d.Store()), later.Sweep(d), schedules.Sweep(d))
	})
}
