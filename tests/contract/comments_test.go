package contract_test

import (
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strings"
	"testing"
)

// A package that carries a concept explains it in 5 to 25 lines, in one file.
func TestPackageComments_Concepts(t *testing.T) {
	concepts := []string{"shared/api/wire", "shared/delivery", "shared/dynamo", "shared/event", "shared/job", "shared/ledger", "shared/local", "shared/turn"}
	found := map[string]int{}
	sources(t, func(name string) error {
		folder := path.Dir(name)
		if !slices.Contains(concepts, folder) {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), inProject(name), nil, parser.PackageClauseOnly|parser.ParseComments)
		if err != nil || file.Doc == nil {
			return err
		}
		found[folder]++
		if lines := strings.Count(file.Doc.Text(), "\n"); lines < 5 || lines > 25 {
			t.Errorf("%s: got a package comment of %d lines, want 5 to 25", name, lines)
		}
		return nil
	}, "shared")
	for _, folder := range concepts {
		if found[folder] != 1 {
			t.Errorf("%s: got %d package comments, want 1", folder, found[folder])
		}
	}
}
