package sam

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func routesOf(t *testing.T, resources string) ([]string, error) {
	t.Helper()
	template, err := parse([]byte(resources), nil, DefaultEndpoint, nil)
	if err != nil {
		return nil, err
	}
	var routes []string
	for _, r := range template.Routes() {
		routes = append(routes, r.Method+" "+r.Path+" "+r.Function)
	}
	return routes, nil
}

func TestTemplate_Aliases(t *testing.T) {
	for name, test := range map[string]struct {
		template string
		want     []string
		fails    string
	}{
		"events merged": {`
Resources:
  A: {Type: "AWS::Serverless::Function", Properties: {CodeUri: a, Events: &events {Get: {Type: Api, Properties: {Path: /a, Method: get}}}}}
  B:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: b
      Events:
        <<: *events
        Get: {Type: Api, Properties: {Path: /b, Method: get}}
        Post: {Type: Api, Properties: {Path: /b, Method: post}}
`, []string{"GET /a a", "GET /b b", "POST /b b"}, ""},
		"a list of merges": {`
Resources:
  A:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: a
      Events:
        Get: {Type: Api, Properties: &path {Path: /a, Method: get}}
        Put: {Type: Api, Properties: {<<: [{Method: put}, *path]}}
`, []string{"GET /a a", "PUT /a a"}, ""},
		"a resource by alias": {`
Mappings: {M: {A: {B: &function {Type: "AWS::Serverless::Function", Properties: {CodeUri: a, Events: {Get: {Type: Api, Properties: {Path: /a, Method: get}}}}}}}}
Resources: {A: *function}
`, []string{"GET /a a"}, ""},
		"any method": {`
Resources:
  A: {Type: "AWS::Serverless::Function", Properties: {CodeUri: a, Events: {Any: {Type: Api, Properties: {Path: /a, Method: '*'}}, Other: {Type: Api, Properties: {Path: /b, Method: any}}}}}
`, []string{"ANY /a a", "ANY /b a"}, ""},
		"a circle":      {"Resources: &a {A: *a}", nil, `the anchor "a" contains itself`},
		"not a mapping": {"Resources: {A: {<<: text}}", nil, "only mappings can be merged"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := routesOf(t, test.template)
			if test.fails != "" {
				if err == nil || !strings.Contains(err.Error(), test.fails) {
					t.Errorf("got %v, want %s", err, test.fails)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("routes (-want +got):\n%s", diff)
			}
		})
	}
}
