package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// request has the fields of an example event that depend on its route.
type request struct {
	Resource, Path, HTTPMethod string
	PathParameters             map[string]string
}

var (
	parameters = regexp.MustCompile(`(?s)"pathParameters": (null|\{.*?\})`)
	body       = regexp.MustCompile(`"body": .*`)
)

// event returns the example event of the new route: the similar route's event with
// other parameters. It takes their values from existing events.
func (n *addition) event(root string) (string, error) {
	like, err := os.ReadFile(filepath.Join(root, "events", n.like+".json"))
	if err != nil {
		return "", err
	}
	var old request
	if err := json.Unmarshal(like, &old); err != nil {
		return "", err
	}
	values, err := n.parameters(root, old)
	if err != nil {
		return "", err
	}
	filled := param.ReplaceAllStringFunc(n.path, func(name string) string { return values[strings.Trim(name, "{}")] })
	text := strings.NewReplacer(
		quoted("resource", old.Resource), quoted("resource", n.path),
		quoted("resourcePath", old.Resource), quoted("resourcePath", n.path),
		quoted("path", old.Path), quoted("path", filled),
		quoted("httpMethod", old.HTTPMethod), quoted("httpMethod", n.method),
	).Replace(string(like))
	named := []byte("null")
	if len(values) > 0 {
		if named, err = json.MarshalIndent(values, "  ", "  "); err != nil {
			return "", err
		}
	}
	text = parameters.ReplaceAllLiteralString(text, `"pathParameters": `+string(named))
	if n.method == "GET" || n.method == "DELETE" {
		text = body.ReplaceAllLiteralString(text, `"body": null,`)
	}
	return text, nil
}

func quoted(name, value string) string { return fmt.Sprintf("%q: %q", name, value) }

// parameters returns a value for each parameter of the new path: the similar event's, that
// of an event of the same collection, or that of any event with the parameter.
func (n *addition) parameters(root string, old request) (map[string]string, error) {
	paths, err := filepath.Glob(filepath.Join(root, "events", "*.json"))
	if err != nil {
		return nil, err
	}
	related, known := map[string]string{}, map[string]string{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		var e request
		if json.Unmarshal(text, &e) != nil {
			continue
		}
		maps.Copy(known, e.PathParameters)
		if collection(e.Resource) == collection(n.path) {
			maps.Copy(related, e.PathParameters)
		}
	}
	values := map[string]string{}
	for _, name := range param.FindAllString(n.path, -1) {
		name = strings.Trim(name, "{}")
		values[name] = cmp.Or(old.PathParameters[name], related[name], known[name], "example")
	}
	return values, nil
}
