package contract_test

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
)

// withoutGo are folders that are not read. Tools install and build programs in their
// subfolders, and Go would repeat a test that lists them after each build.
var withoutGo = []string{"shared/docs", "shared/sdk", "tests/peers"}

// sources calls visit for each Go file in the folders, except tests, with its name from the
// root of the project.
func sources(t *testing.T, visit func(name string) error, folders ...string) {
	t.Helper()
	root := dynamotest.Root()
	for _, folder := range folders {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			name, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			name = filepath.ToSlash(name)
			switch {
			case entry.IsDir() && (entry.Name() == "testdata" || slices.Contains(withoutGo, name)):
				return fs.SkipDir
			case entry.Name() == "package.json":
				return fmt.Errorf("%s is a Node package: name its folder, or the folder around it, in withoutGo", name)
			case entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
				return nil
			}
			return visit(name)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
