package main

import (
	"fmt"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/quintet-agents/quintet/shared/local/sam"
)

// addition is a new route and the similar route whose texts it copies.
type addition struct {
	name, method, path string
	like               string    // the similar function
	old                sam.Route // its route
	entry              entry     // its entry in routes.All
	qualifier, maker   string    // of the new handler: webhook, DeliveryGet
	oldMaker           string
	document           string // path of the OpenAPI part that has the similar route
}

var (
	names   = regexp.MustCompile(`^[a-z]+(-[a-z]+){2,}$`)
	paths   = regexp.MustCompile(`^(/([a-z0-9._-]+|\{[a-z_]+\}))+$`)
	methods = []string{"GET", "POST", "PUT", "PATCH", "DELETE"}
	param   = regexp.MustCompile(`\{[a-z_]+\}`)
	making  = regexp.MustCompile(`return (\w+)\.(\w+)\(`)
)

// plan checks a new route and finds the similar one: the function named like, or, if
// like is empty, the most similar function of the surface.
func plan(root, name, method, path, like string) (addition, error) {
	n := addition{name: name, method: strings.ToUpper(method), path: path, like: like}
	switch {
	case !names.MatchString(name):
		return n, fmt.Errorf("the name %q is not surface-noun-verb in lower case, such as manage-delivery-get", name)
	case !slices.Contains(methods, n.method):
		return n, fmt.Errorf("the method %q is none of %s", method, strings.Join(methods, ", "))
	case !paths.MatchString(path):
		return n, fmt.Errorf("the path %q is not like /api/v1/things/{id}", path)
	}
	t, err := sam.Load(filepath.Join(root, "template.yaml"), nil)
	if err != nil {
		return n, err
	}
	surface, _, _ := strings.Cut(name, "-")
	best := -1
	for _, r := range t.Routes() {
		switch {
		case r.Function == name:
			return n, fmt.Errorf("%s exists: %s %s", name, r.Method, r.Path)
		case r.Method == n.method && r.Path == path:
			return n, fmt.Errorf("%s %s exists: it is %s", n.method, path, r.Function)
		case like != "" && r.Function == like:
			n.old = r
		case like == "" && strings.HasPrefix(r.Function, surface+"-") && likeness(n, r) > best:
			best, n.like, n.old = likeness(n, r), r.Function, r
		}
	}
	if n.old.Function == "" {
		return n, fmt.Errorf("no function to begin with: -like %q has no route, or the surface %q has none; give one with -like", like, surface)
	}
	return n, n.find(root)
}

// likeness returns a measure of a route's similarity to the new route. The collection counts
// most, then the method, the parameters, and the length of the common path.
func likeness(n addition, r sam.Route) int {
	shared := 0
	for shared < min(len(n.path), len(r.Path)) && n.path[shared] == r.Path[shared] {
		shared++
	}
	score := 2 * shared
	if slices.Equal(param.FindAllString(n.path, -1), param.FindAllString(r.Path, -1)) {
		score += 1000
	}
	if (n.method == http.MethodGet) == (r.Method == http.MethodGet) {
		score += 2000
	}
	if collection(n.path) == collection(r.Path) {
		score += 4000 // one package has the handlers of a collection
	}
	return score
}

// collection returns the part of a path before its first parameter.
func collection(path string) string {
	path, _, _ = strings.Cut(path, "/{")
	return path
}

// find reads the similar function's entry and derives the new handler's name from it:
// webhook.DeliveryGet from webhook.DeliveryList, webhook.Get from webhook.List.
func (n *addition) find(root string) error {
	entries, err := entriesOf(root)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(entries, func(e entry) bool { return e.function == n.like })
	if i < 0 {
		return fmt.Errorf("%s has no entry %s", routesPath, n.like)
	}
	n.entry = entries[i]
	made := making.FindStringSubmatch(n.entry.maker)
	if made == nil {
		return fmt.Errorf("the entry %s does not return a handler; give another one with -like", n.like)
	}
	n.qualifier, n.oldMaker = made[1], made[2]
	words := strings.Split(n.name, "-")[1:]
	if words[0] == n.qualifier && len(words) > 1 {
		words = words[1:]
	}
	n.maker = camel(words)
	n.document, err = n.findDocument(root)
	return err
}

// camel joins words in camel case: DeliveryGet.
func camel(words []string) string {
	var b strings.Builder
	for _, w := range words {
		b.WriteString(strings.ToUpper(w[:1]) + w[1:])
	}
	return b.String()
}

// logicalID returns a function's name in template.yaml.
func logicalID(function string) string { return camel(strings.Split(function, "-")) }

// operationID returns the id of a function's operation in the OpenAPI document.
func operationID(function string) string {
	id := logicalID(function)
	return strings.ToLower(id[:1]) + id[1:]
}
