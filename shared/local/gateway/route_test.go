package gateway

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/local/sam"
)

func TestRoute_Path(t *testing.T) {
	var routes []sam.Route
	for _, route := range []string{
		"/", "/{proxy+}", "/things", "/things/{id}", "/things/special", "/things/{id}/parts",
		"/things/special/{rest+}", "/things/{id}/{part}", "/files/{path+}",
	} {
		routes = append(routes, sam.Route{Method: "GET", Path: route})
	}
	router := newRouter(routes, nil)
	for path, want := range map[string]struct {
		resource string
		params   map[string]string
	}{
		"/":                   {"/", map[string]string{}},
		"/things":             {"/things", map[string]string{}},
		"/things/":            {"/things", map[string]string{}},
		"/things/1":           {"/things/{id}", map[string]string{"id": "1"}},
		"/things/special":     {"/things/special", map[string]string{}},
		"/things/1/parts":     {"/things/{id}/parts", map[string]string{"id": "1"}},
		"/things/1/other":     {"/things/{id}/{part}", map[string]string{"id": "1", "part": "other"}},
		"/things/special/a/b": {"/things/special/{rest+}", map[string]string{"rest": "a/b"}},
		"/things/1/2/3":       {"/{proxy+}", map[string]string{"proxy": "things/1/2/3"}},
		"/files/a%2Fb/c":      {"/files/{path+}", map[string]string{"path": "a%2Fb/c"}},
		"/files":              {"/{proxy+}", map[string]string{"proxy": "files"}},
	} {
		resource, params := router.match(path)
		if resource == nil || resource.path != want.resource {
			t.Errorf("%s: got resource %+v, want %s", path, resource, want.resource)
			continue
		}
		if diff := cmp.Diff(want.params, params); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

// The path selects the resource first, and the method then selects the route.
func TestRoute_Method(t *testing.T) {
	router := newRouter([]sam.Route{
		{Method: "POST", Path: "/a", Function: "post"},
		{Method: "ANY", Path: "/{proxy+}", Function: "any"},
		{Method: "PUT", Path: "/{proxy+}", Function: "put"},
	}, nil)
	for request, want := range map[[2]string]string{
		{"POST", "/a"}: "post",
		{"GET", "/a"}:  "",
		{"GET", "/b"}:  "any",
		{"PUT", "/b"}:  "put",
	} {
		resource, _ := router.match(request[1])
		if got, _, _ := resource.method(request[0]); got.Function != want {
			t.Errorf("%v: got function %q, want %q", request, got.Function, want)
		}
	}
}
