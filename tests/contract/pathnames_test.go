package contract_test

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
	"testing"
)

// Every parameter of a function's paths is read by its handler. A misspelt one would be empty in
// each request.
func TestPathParameters_AllRead(t *testing.T) {
	makers := makersOfSurfaces(t)
	for _, r := range template(t).Routes() {
		maker, ok := makers[r.Function]
		if !ok {
			t.Errorf("%s: got no handler of a surface in shared/routes", r.Function)
			continue
		}
		got := pathNames(t, maker.folder, maker.name)
		for part := range strings.SplitSeq(r.Path, "/") {
			name, ok := strings.CutPrefix(part, "{")
			if name = strings.TrimRight(name, "+}"); ok && !slices.Contains(got, name) {
				t.Errorf("template.yaml: %s %s: %s.%s reads the parameters %q, want %q among them", r.Method, r.Path, maker.folder, maker.name, got, name)
			}
		}
	}
}

// surfaceMaker is the constructor of a surface's handler.
type surfaceMaker struct{ folder, name string }

// makersOfSurfaces reads the constructors from routes.All, by function.
func makersOfSurfaces(t *testing.T) map[string]surfaceMaker {
	t.Helper()
	file := parse(t, inProject("shared", "routes", "routes.go"))
	folders := map[string]string{}
	for _, spec := range file.Imports {
		if folder, ok := strings.CutPrefix(unquote(t, spec.Path.Value), module); ok && strings.HasPrefix(folder, "shared/api/") {
			folders[folder[strings.LastIndex(folder, "/")+1:]] = folder
		}
	}
	makers, function := map[string]surfaceMaker{}, ""
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Function" {
				function = unquote(t, n.Value.(*ast.BasicLit).Value)
			}
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && folders[x.Name] != "" && makers[function] == (surfaceMaker{}) {
				makers[function] = surfaceMaker{folders[x.Name], n.Sel.Name}
			}
		}
		return true
	})
	return makers
}

// pathNames returns the path parameters that a function of a package reads, directly or through
// the functions and methods of its package that it uses.
func pathNames(t *testing.T, folder, function string) []string {
	t.Helper()
	bodies, constants := map[string][]ast.Node{}, map[string]string{}
	for _, path := range glob(t, folder, "*.go") {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		ast.Inspect(parse(t, path), func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				bodies[n.Name.Name] = append(bodies[n.Name.Name], n.Body)
			case *ast.ValueSpec:
				for i, value := range n.Values {
					if text, ok := value.(*ast.BasicLit); ok && text.Kind == token.STRING {
						constants[n.Names[i].Name] = unquote(t, text.Value)
					}
				}
			}
			return true
		})
	}
	var names []string
	seen := map[string]bool{}
	var visit func(function string)
	visit = func(function string) {
		if seen[function] {
			return
		}
		seen[function] = true
		for _, body := range bodies[function] {
			ast.Inspect(body, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.Ident:
					visit(n.Name)
				case *ast.CallExpr:
					read, ok := n.Fun.(*ast.SelectorExpr)
					if !ok || !strings.HasPrefix(read.Sel.Name, "Path") {
						return true
					}
					for _, arg := range n.Args {
						switch name := arg.(type) {
						case *ast.BasicLit:
							names = append(names, unquote(t, name.Value))
						case *ast.Ident:
							names = append(names, constants[name.Name])
						}
					}
				}
				return true
			})
		}
	}
	visit(function)
	slices.Sort(names)
	return slices.Compact(names)
}
