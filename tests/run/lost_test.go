package run_test

import (
	"os"
	"path/filepath"
	"testing"
)

// Without demo.json.kept the keys of the kept data are unknown.
func TestRefuse_LostDemoFile(t *testing.T) {
	state := t.TempDir()
	p := start(t, state, freePort(t))
	p.ready(t)
	p.interrupt(t)
	if err := os.Remove(filepath.Join(state, "demo.json.kept")); err != nil {
		t.Fatal(err)
	}
	start(t, state, freePort(t)).refused(t, "demo.json.kept is missing", "make reset")
}
