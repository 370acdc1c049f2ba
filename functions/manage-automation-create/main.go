// Code generated from shared/routes by "make functions". DO NOT EDIT.

package main

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/manage/automation"
	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/boot/later"
)

func main() {
	boot.HTTP(func(d *boot.Deps) http.Handler {
		return automation.Create(d.Auth(), d.Store(), automation.Desk{Sealer: later.AutomationSecrets(d), URLs: later.URLs(d), Now: d.Now})
	})
}
