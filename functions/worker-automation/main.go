// Code generated from shared/routes by "make functions". DO NOT EDIT.

package main

import (
	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/boot/automations"
)

func main() {
	boot.Queue(automations.Worker)
}
