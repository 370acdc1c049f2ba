// Code generated from shared/routes by "make functions". DO NOT EDIT.

package main

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/manage/operator"
	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/boot/login"
)

func main() {
	boot.HTTP(func(d *boot.Deps) http.Handler {
		return operator.OrgCreate(d.Operators(), d.Store(), login.Directory(d), d.Now)
	})
}
