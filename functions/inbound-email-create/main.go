// Code generated from shared/routes by "make functions". DO NOT EDIT.

package main

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/inbound"
	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/boot/channels"
)

func main() {
	boot.HTTP(func(d *boot.Deps) http.Handler {
		return inbound.MailCreate(channels.Door(d, "email"), channels.MailWebhook(d), d.Store())
	})
}
