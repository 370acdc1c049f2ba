//go:build !linux

package local

import (
	"os/exec"
	"syscall"
)

func signalOrphan(*exec.Cmd, syscall.Signal) {}
