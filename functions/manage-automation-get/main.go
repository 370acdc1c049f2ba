// Code generated from shared/routes by "make functions". DO NOT EDIT.

package main

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/manage/automation"
	"github.com/quintet-agents/quintet/shared/boot"
)

func main() {
	boot.HTTP(func(d *boot.Deps) http.Handler { return automation.Get(d.Auth(), d.Store()) })
}
