package main

import (
	"strings"
	"testing"
)

func TestChooseModel(t *testing.T) {
	for name, c := range map[string]struct {
		url, model             string
		answers, warning, fail string
	}{
		"nothing":       {answers: "the local model"},
		"a name only":   {model: "llama3.2", answers: "the local model", warning: "MODEL_NAME is llama3.2, but"},
		"both":          {url: "http://127.0.0.1:11434/v1", model: "llama3.2", answers: "llama3.2 at http://127.0.0.1:11434/v1"},
		"a URL only":    {url: "https://models.example/v1", answers: "https://models.example/v1", warning: "MODEL_NAME is not set"},
		"no scheme":     {url: "127.0.0.1:11434/v1", fail: "127.0.0.1:11434/v1"},
		"a name's port": {url: "localhost:11434/v1", fail: "localhost:11434/v1"},
		"no host":       {url: "http://", fail: "http://"},
		"another one":   {url: "ftp://127.0.0.1/v1", fail: "ftp://127.0.0.1/v1"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := chooseModel(func(name string) string {
				return map[string]string{"MODEL_BASE_URL": c.url, "MODEL_NAME": c.model}[name]
			})
			if c.fail != "" {
				if err == nil || !strings.Contains(err.Error(), "MODEL_BASE_URL is "+c.fail) {
					t.Errorf("got error %v, want MODEL_BASE_URL is %s", err, c.fail)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(got.answers, c.answers) || !strings.Contains(got.warning, c.warning) || (c.warning == "") != (got.warning == "") {
				t.Errorf("got answers %q and warning %q, want %q and %q in them", got.answers, got.warning, c.answers, c.warning)
			}
			if directives := strings.Contains(got.try, "[["); directives != (c.url == "") || got.local() != (c.url == "") {
				t.Errorf("got to try %q, local %t; want directives and local: %t", got.try, got.local(), c.url == "")
			}
		})
	}
}
