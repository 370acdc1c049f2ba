// Code generated from shared/routes by "make functions". DO NOT EDIT.

package main

import (
	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/ledger"
)

func main() {
	boot.Schedule(func(d *boot.Deps) boot.Job { return ledger.Rollup(d.Store()) })
}
