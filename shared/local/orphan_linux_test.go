package local

import (
	"os"
	"os/exec"
	"testing"
)

// A runner that is killed cannot end its processes; the system has to.
func TestKilledRunnerLeavesNothing(t *testing.T) {
	control := newControl(t)
	runner := exec.Command(os.Args[0])
	runner.Env = append(os.Environ(), "LOCAL_TEST_RUNNER=testdata/template.yaml", "LOCAL_TEST_CONTROL="+control.url)
	runner.Stderr = os.Stderr
	if err := runner.Start(); err != nil {
		t.Fatal(err)
	}
	control.await(t, "begun")
	control.await(t, "process") // comes
	if err := runner.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = runner.Wait()           // it was killed
	control.await(t, "process") // leaves
}
