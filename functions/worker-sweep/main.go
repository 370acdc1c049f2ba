package main

import (
	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/turn"
)

func main() {
	boot.Schedule(func(d *boot.Deps) boot.Job { return turn.Sweep(d.Store()) })
}
