package local

import (
	"os"
	"os/exec"
	"testing"

	"github.com/quintet-agents/quintet/shared/local/localtest"
)

// The system ends the processes of a killed runner.
func TestRunner_Killed(t *testing.T) {
	control := localtest.NewControl(t)
	runner := exec.Command(os.Args[0])
	runner.Env = append(os.Environ(), "LOCAL_TEST_RUNNER=testdata/template.yaml", "LOCAL_TEST_CONTROL="+control.Base)
	runner.Stderr = os.Stderr
	if err := runner.Start(); err != nil {
		t.Fatal(err)
	}
	control.Await(t, "begun")
	control.Await(t, "process") // has started
	if err := runner.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = runner.Wait()           // the error is the kill
	control.Await(t, "process") // has ended
}
