// Code generated from shared/routes by "make functions". DO NOT EDIT.

package main

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/manage/tool"
	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/boot/tools"
)

func main() {
	boot.HTTP(func(d *boot.Deps) http.Handler {
		return tool.Try(d.Auth(), d.Store(), tools.Runner(d), tools.Servers(d), d.Now)
	})
}
