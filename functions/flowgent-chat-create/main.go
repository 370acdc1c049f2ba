// Code generated from shared/routes by "make functions". DO NOT EDIT.

package main

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/flowgent"
	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/boot/chat"
	"github.com/quintet-agents/quintet/shared/boot/later"
)

func main() {
	boot.Stream(func(d *boot.Deps) http.Handler { return flowgent.ChatCreate(d.Auth(), chat.Engine(d), later.Intake(d)) })
}
