package contract_test

import (
	"os"
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.yaml.in/yaml/v3"
)

// depguardRule is an import rule of .golangci.yaml.
type depguardRule struct {
	Files []string            `yaml:"files"`
	Mode  string              `yaml:"list-mode"`
	Deny  []map[string]string `yaml:"deny"`
	Allow []string            `yaml:"allow"`
}

func depguardRules(t *testing.T) map[string]depguardRule {
	t.Helper()
	text, err := os.ReadFile(inProject(".golangci.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Linters struct {
			Settings struct {
				Depguard struct {
					Rules map[string]depguardRule `yaml:"rules"`
				} `yaml:"depguard"`
			} `yaml:"settings"`
		} `yaml:"linters"`
	}
	if err := yaml.Unmarshal(text, &config); err != nil {
		t.Fatal(err)
	}
	return config.Linters.Settings.Depguard.Rules
}

// The linter's rule for the domain applies to the packages that arrows calls the domain. A renamed
// package would drop out of the linter's rule silently.
func TestLinter_Domain(t *testing.T) {
	rule := depguardRules(t)["domain"]
	if len(rule.Files) == 0 {
		t.Fatal("got no rule named domain in .golangci.yaml")
	}
	got := alternatives(strings.TrimSuffix(strings.TrimPrefix(rule.Files[0], "**/"), "/*.go"))
	if d := cmp.Diff(domain, got, cmpopts.SortSlices(strings.Compare)); d != "" {
		t.Errorf("domain in .golangci.yaml (-want +got):\n%s", d)
	}
}

// A surface must not import any other surface, not even one that is added later.
func TestLinter_Surfaces(t *testing.T) {
	rules := depguardRules(t)
	for from := range packages(t) {
		rule := rules["surfaces"]
		if strings.HasPrefix(from, "shared/api/manage/") {
			rule = rules["nouns"]
		} else if ok, _ := path.Match("shared/api/*", from); !ok {
			continue
		}
		for _, other := range []string{"agentflow", "flapjack", "openapi", "zulu"} {
			if to := module + "shared/api/" + other; rule.allows(to) {
				t.Errorf("the rule for %s: got %s allowed, want it denied", from, to)
			}
		}
		if to := module + "shared/api/wire"; !rule.allows(to) {
			t.Errorf("the rule for %s: got %s denied, want it allowed", from, to)
		}
	}
}

// allows returns depguard's decision for a lax list: the longest matching prefix decides.
func (r depguardRule) allows(to string) bool {
	longest := func(prefixes []string) int {
		length := 0
		for _, p := range prefixes {
			if strings.HasPrefix(to, p) {
				length = max(length, len(p))
			}
		}
		return length
	}
	var denied []string
	for _, d := range r.Deny {
		denied = append(denied, d["pkg"])
	}
	no := longest(denied)
	return no == 0 || r.Mode == "lax" && longest(r.Allow) > no
}
