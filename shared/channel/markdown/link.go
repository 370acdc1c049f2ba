package markdown

import (
	"net/url"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// target returns what a link or a picture names, and its title, if n is one.
func target(n ast.Node) (to, title string, ok bool) {
	switch n := n.(type) {
	case *ast.Link:
		return literal(n.Destination), literal(n.Title), true
	case *ast.Image:
		return literal(n.Destination), literal(n.Title), true
	}
	return "", "", false
}

// linked returns a label with the URL that it links to, as in "label (https://example.com)".
func linked(label, to, title string) string {
	var after []string
	switch {
	case to == "" || to == label || to == "mailto:"+label:
	case label == "" || strings.TrimSuffix(to, "/") == "https://"+label:
		label = to
	default:
		after = append(after, to)
	}
	if title != "" {
		after = append(after, title)
	}
	if len(after) == 0 {
		return label
	}
	return label + " (" + strings.Join(after, ", ") + ")"
}

// safe reports whether a link may stand in a mail: an absolute URL of the web or of mail.
func safe(to string) bool {
	u, err := url.Parse(to)
	if err != nil {
		return false
	}
	switch u.Scheme {
	case "http", "https":
		return u.Host != ""
	case "mailto":
		return u.Opaque != ""
	}
	return false
}
