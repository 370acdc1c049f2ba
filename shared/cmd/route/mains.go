package main

import (
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const (
	routesPath  = "shared/routes/routes.go"
	bootPackage = "github.com/quintet-agents/quintet/shared/boot"
)

// entry is the source text of an element of routes.All.
type entry struct {
	function string
	starter  string // HTTP, Stream, Queue, Schedule or Changes
	maker    string // the Go expression that is the starter's argument
	imports  []string
	text     string // the element with its comma
}

// generate writes the main.go of each entry of routes.All below root. It returns an
// error for a folder in functions/ without an entry: the author must delete it.
func generate(root string) error {
	mains, err := mainsOf(root)
	if err != nil {
		return err
	}
	folders, err := filepath.Glob(filepath.Join(root, "functions", "*"))
	if err != nil {
		return err
	}
	for _, folder := range folders {
		if _, ok := mains[filepath.Base(folder)]; !ok {
			return fmt.Errorf("%s has no entry in %s: delete the folder or add the entry", folder, routesPath)
		}
	}
	for function, text := range mains {
		path := filepath.Join(root, "functions", function, "main.go")
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, text, 0o644); err != nil { //nolint:gosec // as readable as the rest of the sources
			return err
		}
	}
	return nil
}

// mainsOf returns the text of each function's main.go.
func mainsOf(root string) (map[string][]byte, error) {
	entries, err := entriesOf(root)
	if err != nil {
		return nil, err
	}
	mains := map[string][]byte{}
	for _, e := range entries {
		if mains[e.function], err = e.main(); err != nil {
			return nil, fmt.Errorf("%s: %w", e.function, err)
		}
	}
	return mains, nil
}

func entriesOf(root string) ([]entry, error) {
	text, err := os.ReadFile(filepath.Join(root, routesPath))
	if err != nil {
		return nil, err
	}
	return parseRoutes(text)
}

// main returns the entry's main.go. It links only the packages that the maker uses.
func (e entry) main() ([]byte, error) {
	var standard, ours []string
	for _, path := range e.imports {
		if strings.Contains(path, ".") {
			ours = append(ours, strconv.Quote(path))
			continue
		}
		standard = append(standard, strconv.Quote(path))
	}
	return format.Source(fmt.Appendf(nil, `// Code generated from shared/routes by "make functions". DO NOT EDIT.

package main

import (
%s

%s
)

func main() {
	boot.%s(%s)
}
`, strings.Join(standard, "\n"), strings.Join(ours, "\n"), e.starter, e.maker))
}

// parseRoutes reads the entries of routes.All.
func parseRoutes(text []byte) ([]entry, error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, routesPath, text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	imports := importsOf(file)
	offset := func(p token.Pos) int { return files.Position(p).Offset }
	var entries []entry
	for _, element := range allOf(file) {
		literal, ok := element.(*ast.CompositeLit)
		if !ok {
			return nil, fmt.Errorf("%s: an element of All is not written as {...}", files.Position(element.Pos()))
		}
		e := entry{text: string(text[offset(literal.Pos()):offset(literal.End())]) + ","}
		for _, field := range literal.Elts {
			pair, ok := field.(*ast.KeyValueExpr)
			if !ok {
				return nil, fmt.Errorf("%s: a field has no name", files.Position(field.Pos()))
			}
			value := string(text[offset(pair.Value.Pos()):offset(pair.Value.End())])
			if key := fmt.Sprint(pair.Key); key != "Function" {
				e.starter, e.maker, e.imports = key, value, imports.usedBy(pair.Value)
				continue
			}
			if e.function, err = strconv.Unquote(value); err != nil {
				return nil, fmt.Errorf("%s: Function is not a literal: %w", files.Position(field.Pos()), err)
			}
		}
		entries = append(entries, e)
	}
	if len(entries) == 0 {
		return nil, fmt.Errorf("%s declares no All", routesPath)
	}
	return entries, nil
}

// allOf returns the elements of the variable All.
func allOf(file *ast.File) (elements []ast.Expr) {
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && spec.Names[0].Name == "All" && len(spec.Values) == 1 {
			if literal, ok := spec.Values[0].(*ast.CompositeLit); ok {
				elements = literal.Elts
			}
		}
		return true
	})
	return elements
}

// qualifiers maps the names of a file's imports to their paths.
type qualifiers map[string]string

func importsOf(file *ast.File) qualifiers {
	q := qualifiers{}
	for _, spec := range file.Imports {
		path := strings.Trim(spec.Path.Value, `"`)
		q[path[strings.LastIndex(path, "/")+1:]] = path
	}
	return q
}

// usedBy returns the sorted import paths of an expression. They include boot, which
// starts every function.
func (q qualifiers) usedBy(e ast.Expr) []string {
	used := map[string]bool{bootPackage: true}
	ast.Inspect(e, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && q[x.Name] != "" {
				used[q[x.Name]] = true
			}
		}
		return true
	})
	return slices.Sorted(maps.Keys(used))
}
