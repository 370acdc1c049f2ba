// Code generated from shared/routes by "make functions". DO NOT EDIT.

package main

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/inbound/hook"
	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/boot/later"
)

func main() {
	boot.HTTP(func(d *boot.Deps) http.Handler { return hook.Create(later.Hooks(d), d.Store()) })
}
