package child

import (
	"os/exec"
	"syscall"
)

func signalOrphan(cmd *exec.Cmd, signal syscall.Signal) {
	cmd.SysProcAttr.Pdeathsig = signal // set by ownGroup
}
