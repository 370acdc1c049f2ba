package local

import (
	"net/http"
	"slices"
	"strings"
)

// router finds the resource of a path as a REST API does: a static segment
// beats a parameter, which beats a greedy one, from left to right. The method
// has no say in it.
type router struct {
	resources []*resource // the most specific first
}

// resource is one path of the API with its methods.
type resource struct {
	path     string
	segments []segment
	methods  map[string]Route
	api      *api
	buckets  map[string]*bucket // by method; nil ones let everything through
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

func newRouter(t *Template) *router {
	rt := &router{}
	byPath := map[string]*resource{}
	for _, route := range t.routes {
		res := byPath[route.Path]
		if res == nil {
			res = &resource{path: route.Path, segments: parsePath(route.Path), methods: map[string]Route{}, api: t.api(route.api), buckets: map[string]*bucket{}}
			res.buckets[http.MethodOptions] = res.api.bucket(res.path, http.MethodOptions)
			byPath[route.Path] = res
			rt.resources = append(rt.resources, res)
		}
		res.methods[route.Method] = route
		res.buckets[route.Method] = res.api.bucket(route.Path, route.Method)
	}
	slices.SortStableFunc(rt.resources, func(a, b *resource) int {
		return slices.CompareFunc(a.segments, b.segments, func(x, y segment) int { return x.rank - y.rank })
	})
	return rt
}

// match returns the resource of an escaped path and its path parameters, which
// stay escaped, or nil.
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

// route returns the resource's route for a method.
func (res *resource) route(method string) (Route, bool) {
	if r, ok := res.methods[method]; ok {
		return r, true
	}
	r, ok := res.methods["ANY"]
	return r, ok
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
