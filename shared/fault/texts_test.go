package fault_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// vendorTexts are the files with a vendor's literal texts.
var vendorTexts = []string{"api/flowgent/path.go", "api/flowgent/template_missing.go", "api/flowgent/usage_range.go"}

// textArguments has the functions that create errors, with the index of their text argument.
var textArguments = map[string]int{"fault.New": 1, "fault.Field": 1, "rateLimited": 1, "limitReached": 2, "NoCredits": 1}

// text is the text of one of our errors, with the verbs of its format.
type text struct {
	at    token.Position
	text  string
	field string // the literal name of the field, "%s" if it is computed, "" without one
}

// Our error texts have one style: one sentence that begins with a capital letter, or with
// the name of a field and what is allowed in it. It has no full stop and no
// abbreviations.
func TestErrorTexts_Style(t *testing.T) {
	texts := errorTexts(t)
	if len(texts) < 100 {
		t.Fatalf("got %d texts, want more than 100: are they found?", len(texts))
	}
	capital := regexp.MustCompile(`^[A-Z]`)
	short := regexp.MustCompile(`(?i)\b(org|orgs|max|min|info|config|char|chars|num|msg|err|req|e\.g|i\.e|etc)\b|n't\b|'s not\b`)
	allowed := regexp.MustCompile(`\bmust\b|^\S+ %s|is required and %s|^Unknown |^At least one of `)
	for _, x := range texts {
		if x.text == "%s" {
			continue // forwards a text
		}
		named := x.field != "" && (strings.HasPrefix(x.text, "%s ") || strings.HasPrefix(x.text, x.field+" "))
		if !named && !capital.MatchString(x.text) {
			t.Errorf("%s: got %q, want a capital letter or the field first", x.at, x.text)
		}
		if x.field != "" && !named && x.field != "body" && !strings.HasPrefix(x.text, "Unknown %s") {
			t.Errorf("%s: got %q, want the field %s first", x.at, x.text, x.field)
		}
		if x.field != "" && x.field != "body" && !allowed.MatchString(x.text) {
			t.Errorf("%s: got %q, want what is allowed", x.at, x.text)
		}
		if strings.HasSuffix(x.text, ".") || strings.HasSuffix(x.text, "!") || strings.Contains(x.text, "  ") {
			t.Errorf("%s: got %q, want no full stop, no exclamation mark and single spaces", x.at, x.text)
		}
		if s := short.FindString(x.text); s != "" {
			t.Errorf("%s: got %q, want full words instead of %q", x.at, x.text, s)
		}
	}
}

// A text that several places need exists once, as a value or a function.
func TestErrorTexts_Once(t *testing.T) {
	first := map[string]token.Position{}
	for _, x := range errorTexts(t) {
		if strings.HasPrefix(x.text, "%s") || x.field != "" && x.field != "body" {
			continue // the same rule may apply to several fields
		}
		if before, ok := first[x.text]; ok {
			t.Errorf("%s: got %q, want another text than %s has", x.at, x.text, before)
		}
		first[x.text] = x.at
	}
}

// errorTexts returns the texts of the errors in all packages of shared.
func errorTexts(t *testing.T) []text {
	t.Helper()
	const root = ".."
	var texts []text
	files := token.NewFileSet()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		name, _ := filepath.Rel(root, path)
		switch {
		case err != nil:
			return err
		case d.IsDir() && (name == "docs" || name == "sdk" || d.Name() == "testdata"):
			return filepath.SkipDir // tools keep files in these folders: see tests/contract, withoutGo
		case d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		for _, vendor := range vendorTexts {
			if filepath.ToSlash(name) == vendor {
				return nil
			}
		}
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for node := range ast.Preorder(file) {
			if x, ok := textOf(node); ok {
				x.at = files.Position(node.Pos())
				texts = append(texts, x)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

// textOf returns the text of the error that an expression makes, or of a rule about a
// field, which follows its name.
func textOf(node ast.Node) (text, bool) {
	switch x := node.(type) {
	case *ast.CallExpr:
		name := nameOf(x.Fun)
		at, ok := textArguments[name]
		if !ok || len(x.Args) <= at {
			return text{}, false
		}
		s, ok := literal(x.Args[at])
		field := ""
		if name == "fault.Field" {
			field = "%s"
			if f, ok := x.Args[0].(*ast.BasicLit); ok {
				field, _ = literal(f)
			}
		}
		return text{text: s, field: field}, ok
	case *ast.BasicLit:
		rule, ok := literal(x)
		return text{text: "%s " + rule, field: "%s"}, ok && strings.HasPrefix(rule, "must ")
	case *ast.CompositeLit:
		if name := nameOf(x.Type); name != "fault.Error" && name != "Error" {
			return text{}, false
		}
		for _, element := range x.Elts {
			pair, ok := element.(*ast.KeyValueExpr)
			if !ok || nameOf(pair.Key) != "Message" {
				continue
			}
			s, ok := literal(pair.Value)
			return text{text: s}, ok
		}
	}
	return text{}, false
}

// literal returns the value of a string, of strings that are added, or of a format. What
// is computed in between is a verb.
func literal(x ast.Expr) (string, bool) {
	switch x := x.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(x.Value)
		return s, err == nil && x.Kind == token.STRING
	case *ast.BinaryExpr:
		left, isLeft := literal(x.X)
		right, isRight := literal(x.Y)
		if !isLeft {
			left = "The %s"
		}
		if !isRight {
			right = "%s"
		}
		return left + right, isLeft || isRight
	case *ast.CallExpr:
		if nameOf(x.Fun) == "fmt.Sprintf" && len(x.Args) > 0 {
			return literal(x.Args[0])
		}
	}
	return "", false
}

func nameOf(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.Ident:
		return x.Name
	case *ast.SelectorExpr:
		if pkg, ok := x.X.(*ast.Ident); ok {
			return pkg.Name + "." + x.Sel.Name
		}
	}
	return ""
}
