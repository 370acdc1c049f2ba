//go:build !linux

package child

import (
	"os/exec"
	"syscall"
)

func signalOrphan(*exec.Cmd, syscall.Signal) {}
