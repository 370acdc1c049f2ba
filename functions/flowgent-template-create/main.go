// Code generated from shared/routes by "make functions". DO NOT EDIT.

package main

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/flowgent"
	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/boot/whatsapp"
)

func main() {
	boot.HTTP(func(d *boot.Deps) http.Handler {
		return flowgent.TemplateCreate(d.Auth(), d.Store(), whatsapp.Outbox(d), whatsapp.Phone)
	})
}
