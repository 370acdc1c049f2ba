package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
)

// The served document is the result of merging the parts.
func TestDocument_UpToDate(t *testing.T) {
	want, err := merge(dynamotest.Root())
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(dynamotest.Root(), documentPath))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")); d != "" {
		t.Errorf("run `make openapi`: the document is not what its parts make (-parts +document):\n%s", d)
	}
}

const frame = `openapi: 3.1.1
tags: [{name: A}]
paths: {/a: {get: {operationId: a}}}
components: {schemas: {A: {type: string}}}
`

// project writes a frame and parts to the files of a new project.
func project(t *testing.T, frame string, parts ...string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range map[string]string{"openapi": frame, "b": parts[0], "c": parts[len(parts)-1]} {
		dir := filepath.Join(root, "shared", "api", name)
		if err := os.MkdirAll(dir, 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "openapi.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// Parts are merged in the order of their folders, keys keep their order, anchors and
// merge keys are expanded, and timestamps stay text.
func TestMerge(t *testing.T) {
	root := project(t, frame,
		`x-shared: &shared {z: 2026-05-04T09:12:30Z, y: <b> & 'c', x: [], w: {}}
tags: [{name: B}]
paths:
  /z: {get: &get {operationId: z, security: *shared}}
  /a: {post: {<<: *get, operationId: z2, n: null, i: 1, f: 0.5, t: true}}
`, `components: {schemas: {C: {type: 'null'}}, headers: {H: {}}}`)
	got, err := merge(root)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"openapi":"3.1.1","tags":[{"name":"A"},{"name":"B"}],"paths":{"/a":{"get":{"operationId":"a"},` +
		`"post":{"operationId":"z2","security":{"z":"2026-05-04T09:12:30Z","y":"<b> & 'c'","x":[],"w":{}},"n":null,"i":1,"f":0.5,"t":true}},` +
		`"/z":{"get":{"operationId":"z","security":{"z":"2026-05-04T09:12:30Z","y":"<b> & 'c'","x":[],"w":{}}}}},` +
		`"components":{"schemas":{"A":{"type":"string"},"C":{"type":"null"}},"headers":{"H":{}}}}`
	if d := cmp.Diff(want, withoutSpace(string(got))); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// withoutSpace removes the white space between JSON tokens.
func withoutSpace(s string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(s, "\n") {
		b.WriteString(strings.Replace(strings.TrimLeft(line, " "), `": `, `":`, 1))
	}
	return b.String()
}

func TestMerge_Errors(t *testing.T) {
	for name, part := range map[string]string{
		"a method twice":          `paths: {/a: {get: {}}}`,
		"a component twice":       `components: {schemas: {A: {}}}`,
		"the frame's own":         `openapi: 3.1.1`,
		"a key of nothing":        `path: {}`,
		"a kind of its own":       `paths: []`,
		"a merge that comes late": `{x-a: &a {b: 1}, paths: {/b: {get: {c: 2, <<: *a}}}}`,
		"a merge of several":      `{x-a: &a {b: 1}, paths: {/b: {get: {<<: [*a, *a]}}}}`,
		"no mapping":              `[]`,
		"nothing":                 ``,
		"no YAML":                 `{`,
	} {
		t.Run(name, func(t *testing.T) {
			document, err := merge(project(t, frame, part, "tags: []"))
			if err == nil {
				t.Fatalf("got a merged document, want an error:\n%s", document)
			}
			if !strings.Contains(err.Error(), "shared/api/b/openapi.yaml") {
				t.Errorf("got error %v, want shared/api/b/openapi.yaml in it", err)
			}
		})
	}
}
