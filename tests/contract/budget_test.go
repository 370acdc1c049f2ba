package contract_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// maxResources leaves room below CloudFormation's limit of 500 for a stack.
const maxResources = 450

// The template fits into one stack, and SAM makes of it what it says.
func TestTransformedTemplate(t *testing.T) {
	python := inProject(".venv", "bin", "python")
	if _, err := os.Stat(python); err != nil {
		t.Fatalf("this test needs the SAM transform that comes with MiniStack: run `make test`, which installs both into .venv (%v)", err)
	}
	var complaints strings.Builder
	cmd := exec.CommandContext(t.Context(), python, inProject("tests", "contract", "transform.py"), inProject("template.yaml"))
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, complaints.String())
	}
	var transformed struct {
		Types    map[string]int
		Streamed []string
	}
	if err := json.Unmarshal(out, &transformed); err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, n := range transformed.Types {
		count += n
	}
	if count >= maxResources {
		t.Errorf("the stack has %d resources, which is not below %d: %v", count, maxResources, transformed.Types)
	}
	if got, want := transformed.Types["AWS::Lambda::Function"], len(template(t).Functions()); got != want {
		t.Errorf("there are %d functions, want %d", got, want)
	}
	var streamed []string
	for _, r := range template(t).Routes() {
		if r.Stream {
			streamed = append(streamed, r.Method+" "+r.Path)
		}
	}
	slices.Sort(streamed)
	if d := cmp.Diff(streamed, transformed.Streamed); d != "" {
		t.Errorf("other routes stream than should (-template +transformed):\n%s", d)
	}
}
