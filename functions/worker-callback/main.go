// Code generated from shared/routes by "make functions". DO NOT EDIT.

package main

import (
	"github.com/quintet-agents/quintet/shared/api/flowgent"
	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/boot/chat"
	"github.com/quintet-agents/quintet/shared/boot/later"
)

func main() {
	boot.Queue(func(d *boot.Deps) boot.Work {
		return boot.Bodies(later.Callbacks(d, chat.Engine(d), flowgent.Callback).Work)
	})
}
