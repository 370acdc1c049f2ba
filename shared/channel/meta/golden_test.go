package meta_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// The files have the shapes of the webhooks that Meta's pages show, with values of our own.
func TestParse_Golden(t *testing.T) {
	for _, name := range samples(t) {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".json"), func(t *testing.T) {
			updates := parse(t, string(read(t, name)))
			got := pretty(t, updates)
			golden := strings.TrimSuffix(name, ".json") + ".golden"
			if *update {
				if err := os.WriteFile(golden, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(read(t, golden)), string(got)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			for _, u := range updates {
				if problem := wrong(u); problem != "" {
					t.Errorf("got %+v: %s", u, problem)
				}
			}
		})
	}
}

// samples returns the files with webhooks.
func samples(tb testing.TB) []string {
	tb.Helper()
	names, err := filepath.Glob("testdata/webhooks/*.json")
	if err != nil || len(names) == 0 {
		tb.Fatalf("got %d webhooks, %v, want some", len(names), err)
	}
	return names
}

func read(tb testing.TB, name string) []byte {
	tb.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		tb.Fatal(err)
	}
	return text
}

// pretty writes updates as JSON without their empty fields.
func pretty(t *testing.T, updates any) []byte {
	t.Helper()
	raw, err := json.Marshal(updates)
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(full(value)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// full returns a value without empty members, or nil for an empty one.
func full(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			if v[name] = full(member); v[name] == nil {
				delete(v, name)
			}
		}
		if len(v) == 0 {
			return nil
		}
	case []any:
		for i := range v {
			v[i] = full(v[i])
		}
	case string:
		if v == "" || v == "0001-01-01T00:00:00Z" {
			return nil
		}
	case float64:
		if v == 0 {
			return nil
		}
	case bool:
		if !v {
			return nil
		}
	}
	return value
}
