package agent_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/fault"
)

func TestNew_Slug(t *testing.T) {
	for name, stem := range map[string]string{
		"Support Agent":                 "support-agent",
		"  -- Größe & Co. --  ":         "gr-e-co",
		"агент":                         "agent",
		"🤖":                             "agent",
		strings.Repeat("very long ", 9): "very-long-very-long-very-long-very-long",
	} {
		a, _ := agent.New("org", name, "", "x", time.Now())
		if !regexp.MustCompile(`^` + stem + `-[0-9a-f]{6}$`).MatchString(a.Slug) {
			t.Errorf("%q: got slug %s, want %s-<6 hex digits>", name, a.Slug, stem)
		}
	}
}

func TestDraft_Labels(t *testing.T) {
	a, first := agent.New("org", "n", "", "x", time.Now())
	labels := []string{first.Label}
	for range 10 {
		labels = append(labels, a.Draft(agent.Version{Instructions: "y"}, time.Now()).Label)
	}
	if got := strings.Join(labels, " "); got != "v1.0 v1.1 v1.2 v1.3 v1.4 v1.5 v1.6 v1.7 v1.8 v1.9 v1.10" {
		t.Errorf("got labels %s, want v1.0 to v1.10 in order", got)
	}
}

func TestValidate_CountsCharacters(t *testing.T) {
	for _, c := range []struct {
		validate func(string) error
		text     string
		field    string // empty: it is fine
	}{
		{agent.ValidateName, strings.Repeat("😀", 100), ""},
		{agent.ValidateName, strings.Repeat("😀", 101), "name"},
		{agent.ValidateName, "", "name"},
		{agent.ValidateName, "   ", "name"},
		{agent.ValidateName, " \t\u00a0\u2003\n", "name"},
		{agent.ValidateName, " a ", ""},
		{agent.ValidateDescription, "", ""},
		{agent.ValidateDescription, strings.Repeat("ä", 500), ""},
		{agent.ValidateDescription, strings.Repeat("ä", 501), "description"},
		{agent.ValidateInstructions, "", "instructions"},
		{agent.ValidateInstructions, strings.Repeat("ä", 50_000), ""},
		{agent.ValidateInstructions, strings.Repeat("ä", 50_001), "instructions"},
	} {
		err := c.validate(c.text)
		if c.field == "" {
			if err != nil {
				t.Errorf("%.5s...: %v", c.text, err)
			}
			continue
		}
		if e := fault.From(err); e == nil || e.Field != c.field {
			t.Errorf("%.5s...: got %v, want an error of %s", c.text, err, c.field)
		}
	}
}
