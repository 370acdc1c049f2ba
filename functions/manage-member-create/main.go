// Code generated from shared/routes by "make functions". DO NOT EDIT.

package main

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/manage/member"
	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/boot/login"
)

func main() {
	boot.HTTP(func(d *boot.Deps) http.Handler { return member.Create(d.Auth(), d.Store(), login.Members(d)) })
}
