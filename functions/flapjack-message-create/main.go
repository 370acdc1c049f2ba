// Code generated from shared/routes by "make functions". DO NOT EDIT.

package main

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/flapjack"
	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/boot/chat"
)

func main() {
	boot.Stream(func(d *boot.Deps) http.Handler { return flapjack.MessageCreate(d.Auth(), chat.Engine(d)) })
}
