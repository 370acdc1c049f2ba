// Code generated from shared/routes by "make functions". DO NOT EDIT.

package main

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/manage/tool"
	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/boot/desk"
)

func main() {
	boot.HTTP(func(d *boot.Deps) http.Handler { return tool.Get(d.Auth(), d.Store(), desk.Desk(d)) })
}
