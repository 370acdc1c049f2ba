package gateway

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/quintet-agents/quintet/shared/local/sam"
)

// router finds the resource of a path like a REST API. From left to right, a static
// segment has precedence over a parameter, and a parameter over a greedy one. The method
// does not matter.
type router struct {
	resources []*resource // the most specific first
}

// resource is one path of the API with its methods.
type resource struct {
	path     string
	segments []segment
	methods  map[string]sam.Route
	api      *sam.API
	mocks    map[string]mock    // by method
	buckets  map[string]*bucket // by method; nil: no limit
}

type segment struct {
	rank int    // static, parameter or greedy
	name string // the text, or the parameter's name
}

const (
	static = iota
	param
	greedy
)

// apis has a template's APIs by logical id.
type apis map[string]*sam.API

// of returns the API with a logical id. Any other kind than an AWS::Serverless::Api
// counts as an API without settings.
func (all apis) of(id string) *sam.API {
	if a, ok := all[id]; ok {
		return a
	}
	return &sam.API{}
}

func newRouter(routes []sam.Route, all apis) *router {
	rt := &router{}
	byPath := map[string]*resource{}
	resourceOf := func(path string, a *sam.API) *resource {
		res := byPath[path]
		if res == nil {
			res = &resource{
				path: path, segments: parsePath(path), api: a,
				methods: map[string]sam.Route{}, mocks: map[string]mock{}, buckets: map[string]*bucket{},
			}
			res.buckets[http.MethodOptions] = bucketOf(a, path, http.MethodOptions)
			byPath[path] = res
			rt.resources = append(rt.resources, res)
		}
		return res
	}
	for _, route := range routes {
		res := resourceOf(route.Path, all.of(route.API))
		res.methods[route.Method] = route
		res.buckets[route.Method] = bucketOf(res.api, route.Path, route.Method)
	}
	for _, id := range slices.Sorted(maps.Keys(all)) {
		addMocks(all[id], resourceOf)
	}
	slices.SortStableFunc(rt.resources, func(a, b *resource) int {
		return slices.CompareFunc(a.segments, b.segments, func(x, y segment) int { return x.rank - y.rank })
	})
	return rt
}

// match returns the resource of an escaped path, or nil, and its path parameters, which
// stay escaped.
func (rt *router) match(path string) (*resource, map[string]string) {
	parts := split(path)
	for _, res := range rt.resources {
		if params, ok := res.match(parts); ok {
			return res, params
		}
	}
	return nil, nil
}

func (res *resource) match(parts []string) (map[string]string, bool) {
	params := map[string]string{}
	for i, s := range res.segments {
		if i >= len(parts) {
			return nil, false
		}
		switch s.rank {
		case greedy:
			params[s.name] = strings.Join(parts[i:], "/")
			return params, true
		case param:
			params[s.name] = parts[i]
		case static:
			if parts[i] != s.name {
				return nil, false
			}
		}
	}
	return params, len(parts) == len(res.segments)
}

// method returns a method's route and, unless a function answers it, its answerer. The
// route of a mock has only the method.
func (res *resource) method(method string) (sam.Route, answerer, bool) {
	if r, ok := res.methods[method]; ok {
		return r, nil, true
	}
	if m, ok := res.mocks[method]; ok {
		return sam.Route{Method: method}, m, true
	}
	if method == http.MethodOptions && res.api.Cors != nil {
		return sam.Route{Method: method}, preflight{res}, true
	}
	r, ok := res.methods["ANY"]
	return r, nil, ok
}

// answerer answers a method without a function.
type answerer interface {
	answer(w http.ResponseWriter, r *http.Request, c *call)
}

func parsePath(path string) []segment {
	var segments []segment
	for _, text := range split(path) {
		s := segment{name: text}
		if inner, ok := strings.CutPrefix(text, "{"); ok {
			s.rank, s.name = param, strings.TrimSuffix(inner, "}")
			if name, ok := strings.CutSuffix(s.name, "+"); ok {
				s.rank, s.name = greedy, name
			}
		}
		segments = append(segments, s)
	}
	return segments
}

// split ignores a trailing slash, as API Gateway does. The root has no parts.
func split(path string) []string {
	path = strings.Trim(path, "/")
	if path == "" {
		return nil
	}
	return strings.Split(path, "/")
}
