package sam

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// pathTemplate has two functions with a route each, in lines 6 and 11, and an
// API with a preflight in line 16.
const pathTemplate = `Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: f
      Events: {E: {Type: Api, Properties: {Path: %q, Method: get}}}
  G:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: g
      Events: {E: {Type: Api, Properties: {Path: %q, Method: GET}}}
  A:
    Type: AWS::Serverless::Api
    Properties:
      StageName: s
      DefinitionBody: {paths: {%q: {options: {}}}}
`

func TestPath_Typos(t *testing.T) {
	for name, test := range map[string]struct{ f, g, definition, want string }{
		"unclosed brace":         {f: "/things/{id", want: "F.Events.E.Path (line 6): the path /things/{id: the braces of {id are not balanced"},
		"unopened brace":         {f: "/things/id}/x", want: "F.Events.E.Path (line 6): the path /things/id}/x: the braces of id} are not balanced"},
		"unclosed in the second": {f: "/", g: "/{a/{b}", want: "G.Events.E.Path (line 11): the path /{a/{b}: the braces of {a are not balanced"},
		"part of a segment":      {f: "/things/x{id}", want: "F.Events.E.Path (line 6): the path /things/x{id}: x{id} is no parameter"},
		"no name":                {f: "/things/{}", want: "F.Events.E.Path (line 6): the path /things/{}: {} is no parameter"},
		"same name":              {f: "/{id}/{id}", want: "F.Events.E.Path (line 6): the path /{id}/{id}: it has the parameter id twice"},
		"greedy in the middle":   {f: "/{rest+}/x", want: "F.Events.E.Path (line 6): the path /{rest+}/x: nothing may follow {rest+}"},
		"no slash":               {f: "things", want: "F.Events.E.Path (line 6): the path things: it does not start with /"},
		"same route":             {f: "/things/{id}", g: "/things/{id}", want: "G.Events.E.Path (line 11): F.Events.E.Path (line 6) has the route GET /things/{id} already"},
		"two names":              {f: "/things/{id}", g: "/things/{name}/x", want: "G.Events.E.Path (line 11): the path /things/{name}/x: F.Events.E.Path (line 6) has another name for the parameter {name}, in /things/{id}"},
		"definition":             {f: "/a", g: "/b", definition: "/things/{id", want: "A.DefinitionBody.paths (line 16): the path /things/{id: the braces of {id are not balanced"},
		"name in the definition": {f: "/a", g: "/b/{id}", definition: "/b/{idd}", want: "A.DefinitionBody.paths (line 16): the path /b/{idd}: G.Events.E.Path (line 11) has another name"},
	} {
		t.Run(name, func(t *testing.T) {
			if test.g == "" {
				test.g = "/other"
			}
			if test.definition == "" {
				test.definition = "/"
			}
			file := filepath.Join(t.TempDir(), "template.yaml")
			if err := os.WriteFile(file, fmt.Appendf(nil, pathTemplate, test.f, test.g, test.definition), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := Load(file, nil)
			if want := file + ": " + test.want; err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("got error\n%v, want\n%s", err, want)
			}
		})
	}
}

// Paths that API Gateway accepts cause no error.
func TestPath_Valid(t *testing.T) {
	for _, test := range [][3]string{
		{"/", "/things", "/things/{id}"},
		{"/things/{id}", "/things/{id}/parts/{part.id}", "/things/{id}"},
		{"/things/{id}", "/others/{name}", "/files/{path+}"},
		{"/things/new", "/things/{id}", "/things/{id}/new"},
	} {
		if _, err := parse(fmt.Appendf(nil, pathTemplate, test[0], test[1], test[2]), nil, "", nil); err != nil {
			t.Errorf("%v: got error %v, want none", test, err)
		}
	}
}
