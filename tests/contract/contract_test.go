// Package contract_test compares the parts of the product that nothing else keeps
// consistent: template.yaml, functions/, shared/routes, events/, the permissions, the
// packages' imports and the three transports by which a request can reach a handler.
package contract_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/local/sam"
)

func TestMain(m *testing.M) {
	// The tests provoke refusals, whose logs would be noise.
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})))
	dynamotest.Main(m)
}

// inProject returns the path of a project file.
func inProject(elements ...string) string {
	return filepath.Join(append([]string{dynamotest.Root()}, elements...)...)
}

var loadTemplate = sync.OnceValues(func() (*sam.Template, error) { return sam.Load(inProject("template.yaml"), nil) })

func template(t *testing.T) *sam.Template {
	t.Helper()
	loaded, err := loadTemplate()
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

// source has the parts of the template that the local runner does not read.
type source struct {
	Globals struct {
		Function struct {
			Timeout int            `yaml:"Timeout"`
			Rest    map[string]any `yaml:",inline"`
		} `yaml:"Function"`
	} `yaml:"Globals"`
	Resources map[string]struct {
		Metadata   metadata `yaml:"Metadata"`
		Properties struct {
			Timeout int `yaml:"Timeout"`
		} `yaml:"Properties"`
	} `yaml:"Resources"`
}

func templateSource(t *testing.T) source {
	t.Helper()
	text, err := os.ReadFile(inProject("template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var s source
	if err := yaml.NewDecoder(bytes.NewReader(text)).Decode(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

// metadata tells SAM CLI how to build a function.
type metadata struct {
	BuildMethod      string `yaml:"BuildMethod"`
	ContextPath      string `yaml:"ContextPath"`
	WorkingDirectory string `yaml:"WorkingDirectory"`
}
