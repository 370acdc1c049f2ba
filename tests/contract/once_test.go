package contract_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The compiler finds a call without its idempotency.Change. This test finds mistakes that
// compile: an unused Change, and a nil Change in code that answers requests.
func TestChange_IsPassedOn(t *testing.T) {
	set, files := token.NewFileSet(), map[string]*ast.File{}
	sources(t, func(name string) (err error) {
		files[name], err = parser.ParseFile(set, inProject(name), nil, parser.SkipObjectResolution)
		return err
	}, "shared")
	c := newChangeCheck(set, files)
	if len(c.takers) < 30 {
		t.Errorf("got %d functions that take a Change, want at least 30: %v", len(c.takers), c.takers)
	}
	for _, problem := range c.run(files) {
		t.Errorf("got %s, want no problem", problem)
	}
}

func TestChangeCheck(t *testing.T) {
	for name, c := range map[string]struct {
		file, body string
		want       []string
	}{
		"passed on":         {"shared/api/x.go", "func do(ctx ctx, once *idempotency.Change) { s.Create(ctx, once) }", nil},
		"in a closure":      {"shared/api/x.go", "func do(ctx ctx, once *idempotency.Change) { f(func() { s.Create(ctx, once) }) }", nil},
		"unused":            {"shared/api/x.go", "var _ = func(ctx ctx, once *idempotency.Change) { s.Delete(ctx) }", []string{"once is not used"}},
		"shadowed":          {"shared/x.go", "func do(ctx ctx, once *idempotency.Change) { f(func(once *idempotency.Change) { s.Create(ctx, once) }) }", []string{"once is not used"}},
		"a blank name":      {"shared/api/x.go", "func do(ctx ctx, _ *idempotency.Change) { s.Delete(ctx) }", []string{"once is not used", "a Change is not named once"}},
		"another name":      {"shared/x.go", "type store interface { Put(ctx ctx, change *idempotency.Change) }", []string{"a Change is not named once"}},
		"no name":           {"shared/x.go", "type store interface { Put(ctx, *idempotency.Change) }", []string{"a Change is not named once"}},
		"another place":     {"shared/x.go", "type store interface { Put(ctx ctx, org, id string, once *idempotency.Change) }", []string{"a Change is not the second argument of Put"}},
		"behind two":        {"shared/x.go", "type store interface { Put(ctx, other ctx, once *idempotency.Change) }", []string{"a Change is not the second argument of Put"}},
		"an argument of do": {"shared/api/x.go", "func change(do func(r, caller x, once *idempotency.Change)) { }", nil},
		"nil in a handler":  {"shared/api/x.go", "func do(ctx ctx) { s.Create(ctx, nil) }", []string{"nil in place of a Change"}},
		"nil in the store":  {"shared/dynamo/x.go", "func (s *Store) Put(ctx ctx) { s.commit(ctx, nil, rows) }", []string{"nil in place of a Change"}},
		"nil beside once":   {"shared/x.go", "func do(ctx ctx, once *idempotency.Change) { s.Create(ctx, once); s.Create(ctx, nil) }", []string{"nil in place of a Change"}},
		"nil in a worker":   {"shared/event/x.go", "func do(ctx ctx) { s.Create(ctx, nil) }", nil},
		"nil for something": {"shared/api/x.go", "func do(ctx ctx) { s.Find(ctx, nil) }", nil},
	} {
		t.Run(name, func(t *testing.T) {
			const known = "package x\ntype creator interface { Create(ctx ctx, once *idempotency.Change); commit(ctx ctx, once *idempotency.Change, rows rows) }\n"
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, c.file, known+c.body, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			files := map[string]*ast.File{c.file: file}
			var got []string
			for _, problem := range newChangeCheck(set, files).run(files) {
				_, text, _ := strings.Cut(problem, ": ")
				got = append(got, text)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("problems (-want +got):\n%s", d)
			}
		})
	}
}

// changeCheck finds functions that lose an idempotency.Change. It compares names, not
// types: takers are the functions and methods whose second argument is one.
type changeCheck struct {
	set      *token.FileSet
	takers   map[string]bool
	problems []string
}

func newChangeCheck(set *token.FileSet, files map[string]*ast.File) *changeCheck {
	c := &changeCheck{set: set, takers: map[string]bool{}}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				c.learn(n.Name, n.Type)
			case *ast.InterfaceType:
				for _, m := range n.Methods.List {
					if f, ok := m.Type.(*ast.FuncType); ok {
						c.learn(m.Names[0], f)
					}
				}
			}
			return true
		})
	}
	return c
}

func (c *changeCheck) learn(name *ast.Ident, f *ast.FuncType) {
	p := changeOf(f)
	if p == nil {
		return
	}
	c.takers[name.Name] = true
	if list := f.Params.List; len(list) < 2 || list[1] != p || len(list[0].Names) > 1 {
		c.report(f, "a Change is not the second argument of "+name.Name)
	}
}

func (c *changeCheck) run(files map[string]*ast.File) []string {
	for name, file := range files {
		answers := strings.HasPrefix(name, "shared/api/") || path.Dir(name) == "shared/dynamo"
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncType:
				if p := changeOf(n); p != nil && (len(p.Names) != 1 || p.Names[0].Name != "once") {
					c.report(n, "a Change is not named once")
				}
			case *ast.FuncDecl:
				c.body(n.Type, n.Body, answers)
			case *ast.FuncLit:
				c.body(n.Type, n.Body, answers)
			case *ast.CallExpr:
				if answers {
					c.call(n)
				}
			}
			return true
		})
	}
	return c.problems
}

// body checks a function that takes a Change. In files that answer requests, run checks all
// calls.
func (c *changeCheck) body(f *ast.FuncType, body *ast.BlockStmt, answers bool) {
	if changeOf(f) == nil || body == nil {
		return
	}
	used := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return changeOf(n.Type) == nil // it has another Change
		case *ast.Ident:
			used = used || n.Name == "once"
		case *ast.CallExpr:
			if !answers {
				c.call(n)
			}
		}
		return true
	})
	if !used {
		c.report(f, "once is not used")
	}
}

func (c *changeCheck) call(n *ast.CallExpr) {
	var name string
	switch f := n.Fun.(type) {
	case *ast.SelectorExpr:
		name = f.Sel.Name
	case *ast.Ident:
		name = f.Name
	}
	if !c.takers[name] || len(n.Args) < 2 {
		return
	}
	if arg, ok := n.Args[1].(*ast.Ident); ok && arg.Name == "nil" {
		c.report(n, "nil in place of a Change")
	}
}

func (c *changeCheck) report(n ast.Node, problem string) {
	c.problems = append(c.problems, fmt.Sprintf("%s: %s", c.set.Position(n.Pos()), problem))
}

// changeOf returns the parameter that is a *idempotency.Change, nil if there is none.
func changeOf(f *ast.FuncType) *ast.Field {
	for _, p := range f.Params.List {
		star, ok := p.Type.(*ast.StarExpr)
		if !ok {
			continue
		}
		if sel, ok := star.X.(*ast.SelectorExpr); ok && sel.Sel.Name == "Change" {
			if pkg, ok := sel.X.(*ast.Ident); ok && pkg.Name == "idempotency" {
				return p
			}
		}
	}
	return nil
}
