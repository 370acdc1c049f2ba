// Package inputs reads the sources of a program under test. Go caches a test's result until a
// file changes that the test imports or reads itself. It does not see the files that a child
// process reads, such as the sources of a program that the test builds.
package inputs

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
)

// Program reads the sources of one of the project's programs, and of the packages that it
// imports.
func Program(folder string) error {
	const list = `{{if not .Standard}}{{$dir := .Dir}}{{$dir}}{{range .EmbedFiles}}{{"\n"}}{{$dir}}/{{.}}{{end}}{{end}}`
	cmd := AtRoot(exec.Command("go", "list", "-deps", "-f", list, folder))
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("go list %s: %w\n%s", folder, err, &complaint)
	}
	root := dynamotest.Root()
	paths := strings.Split(strings.TrimSpace(string(out)), "\n")
	for _, name := range []string{"go.mod", "go.sum", "template.yaml"} {
		paths = append(paths, filepath.Join(root, name))
	}
	for _, path := range paths {
		info, err := os.Stat(path)
		if err == nil && info.IsDir() {
			_, err = os.ReadDir(path)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Files reads the files of a folder and its subfolders, except those with a skipped name.
func Files(folder string, skip ...string) error {
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains(skip, entry.Name()):
			return fs.SkipDir
		case entry.IsDir():
			return nil
		}
		_, err = os.ReadFile(path) //nolint:gosec // our own sources
		return err
	})
}

// AtRoot lets a command run in the project's folder without making the folder an input: tools
// keep files there, and each change would invalidate the cache. An exec.Cmd with a SysProcAttr
// does not stat its folder first.
func AtRoot(cmd *exec.Cmd) *exec.Cmd {
	cmd.Dir = dynamotest.Root()
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	return cmd
}
