package contract_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// stack is the result of the SAM transform.
type stack struct {
	Types    map[string]int // resources by type
	Streamed []string       // methods and paths
}

// count returns the number of resources in the stack.
func (s stack) count() int {
	count := 0
	for _, n := range s.Types {
		count += n
	}
	return count
}

// transform runs transform.py on the template.
func transform(t *testing.T, arguments ...string) stack {
	t.Helper()
	python := inProject(".venv", "bin", "python")
	if _, err := os.Stat(python); err != nil {
		t.Fatalf("this test needs the SAM transform that comes with MiniStack: run `make test`, which installs both into .venv (%v)", err)
	}
	var complaints strings.Builder
	arguments = append([]string{inProject("tests", "contract", "transform.py"), inProject("template.yaml")}, arguments...)
	cmd := exec.CommandContext(t.Context(), python, arguments...)
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, complaints.String())
	}
	var made stack
	if err := json.Unmarshal(out, &made); err != nil {
		t.Fatal(err)
	}
	return made
}
