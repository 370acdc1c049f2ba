package docs_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Operators find each alarm of the stack explained, and each queue that messages can be sent back to.
func TestOperating_AlarmsAndQueues(t *testing.T) {
	template, text := read(t, "template.yaml"), read(t, "shared/docs/operating.md")
	alarms := firsts(regexp.MustCompile(`(?m)^  (\w+):\n    Type: AWS::CloudWatch::Alarm$`).FindAllStringSubmatch(template, -1))
	queues := firsts(regexp.MustCompile(`(?m)^  (\w+Queue):\n    Value:`).FindAllStringSubmatch(template, -1))
	if len(alarms) < 5 || len(queues) < 3 {
		t.Fatalf("got the alarms %q and the outputs %q, want those of the template", alarms, queues)
	}
	for _, name := range slices.Concat(alarms, queues) {
		if !strings.Contains(text, "`"+name+"`") {
			t.Errorf("operating.md: got no `%s`, want it explained", name)
		}
	}
}

func firsts(matches [][]string) []string {
	names := make([]string, len(matches))
	for i, m := range matches {
		names[i] = m[1]
	}
	return names
}
