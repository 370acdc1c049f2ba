package main

import (
	"fmt"
	"regexp"
	"strings"
)

// constants has the Go expressions of the methods in exchanges.
var constants = map[string]string{"GET": "get", "POST": "post", "PATCH": "patch", "PUT": "http.MethodPut", "DELETE": "remove"}

var (
	target  = regexp.MustCompile(`"(/[^"]*)"`)
	changes = regexp.MustCompile(`, (header: once|writes: true)`)
	// composed matches exchanges whose path is not a single literal.
	composed = regexp.MustCompile(`(?m)^\t\t.*path: "[^"]*" \+.*\n`)
	created  = regexp.MustCompile(`status: 20\d`)
)

// inExchanges copies the similar function's exchanges, with the new method and path.
func (n *addition) inExchanges(text string) (string, error) {
	block := regexp.MustCompile(`(?m)(^\t.*"` + n.like + `".*,\n)*^\tof\("` + n.like + `",\n(\t\t.*\n)+\t\),\n`).FindString(text)
	if block == "" {
		return "", fmt.Errorf("no exchanges of %s", n.like)
	}
	added := composed.ReplaceAllLiteralString(block, "")
	added = strings.ReplaceAll(added, `"`+n.like+`"`, `"`+n.name+`"`)
	old, method := constants[n.old.Method], constants[n.method]
	added = strings.NewReplacer("method: "+old+",", "method: "+method+",", ", "+old+", ", ", "+method+", ").Replace(added)
	added = target.ReplaceAllStringFunc(added, func(quoted string) string {
		return `"` + n.retarget(strings.Trim(quoted, `"`)) + `"`
	})
	if n.method == "GET" {
		added = created.ReplaceAllString(changes.ReplaceAllString(added, ""), "status: 200")
	}
	return after(text, block, "\n"+added)
}

// retarget returns the new path with the parameter values of an exchange of the
// similar path. A parameter without a value gets an id that does not exist.
func (n *addition) retarget(path string) string {
	given, wanted := strings.Split(path, "/"), strings.Split(n.old.Path, "/")
	values := map[string]string{}
	for i, name := range wanted {
		if i < len(given) && param.MatchString(name) {
			values[name], _, _ = strings.Cut(given[i], "?")
		}
	}
	return param.ReplaceAllStringFunc(n.path, func(name string) string {
		if v := values[name]; v != "" {
			return v
		}
		return "nothing"
	})
}
