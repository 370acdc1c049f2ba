package script_test

import (
	"regexp"
	"sort"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// names are the variables whose values may occur in an answer.
var names = []string{
	"URL", "ORG", "AGENT", "SLUG", "VERSION", "SECOND_AGENT", "SECOND_SLUG", "OTHER_AGENT", "EMPTY_AGENT", "DRAFT_AGENT", "DRAFT_VERSION",
	"THREAD", "SECOND_THREAD", "OTHER_THREAD", "DRAFT_THREAD", "NEW", "NEW_SLUG", "NEW_THREAD", "V1", "V2",
	"OWNER", "OWNER_EMAIL", "MEMBER", "MEMBER_EMAIL", "OTHER_OWNER", "OTHER_EMAIL", "KEY_ID", "OTHER_KEY_ID", "CURSOR",
	"OTHER_ORG", "NEW_ORG", "FOUNDER_EMAIL", "TURN", "HOOK", "SECOND_HOOK", "WEBHOOK", "TOOLS", "CONNECTION", "SECOND_CONNECTION",
}

var unsteady = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(`[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z`), "<time>"},
	{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`), "<uuid>"},
	{regexp.MustCompile(`msg-[0-9]{16}([ab])-`), "msg-<place>$1-"},
	{regexp.MustCompile(`v-[0-9a-f]{12}`), "<version>"},
	{regexp.MustCompile(`("slug":"[a-z0-9-]+)-[0-9a-f]{6}"`), `$1-<hex>"`},
	{regexp.MustCompile(`_live_[0-9A-Za-z]{33}`), "_live_<secret>"},
	{regexp.MustCompile(`whsec_[0-9A-Za-z+/]{43}=`), "whsec_<secret>"},
	{regexp.MustCompile(`"hint":"[0-9A-Za-z]{4}"`), `"hint":"<end>"`},
	{regexp.MustCompile(`"next_cursor":"[0-9A-Za-z_-]+"`), `"next_cursor":"<cursor>"`},
	{regexp.MustCompile(`af_session=[0-9A-Za-z_.-]+`), "af_session=<token>"},
	{regexp.MustCompile(`af_device_[0-9a-f]{8}=[0-9A-Za-z_-]+`), "af_device_<user>=<token>"},
	{regexp.MustCompile(`Max-Age=86(400|39\d)`), "Max-Age=<day>"},
	{regexp.MustCompile(`@127\.0\.0\.1:[0-9]+/`), "@<host>/"},
	{regexp.MustCompile(`tooluse_[A-Za-z0-9_-]+`), "<tooluse>"},
	{regexp.MustCompile(`"timestamp":"[0-9T:-]+\.[0-9]{3}Z"`), `"timestamp":"<time>"`},
	{regexp.MustCompile(`"(after|took)_ms":[1-9][0-9]*`), `"${1}_ms":<ms>`},
	{regexp.MustCompile(`call_[A-Za-z0-9_-]{32}`), "call_<id>"},
	{regexp.MustCompile(`step_[A-Za-z0-9_-]{32}`), "step_<id>"},
	{regexp.MustCompile(`"headers":\{"accept-encoding"[^}]*\}`), `"headers":<headers>`},
	{regexp.MustCompile(`"secret":"[2-7A-Z]{26}"`), `"secret":"<secret>"`},
	{regexp.MustCompile(`"duration_ms":[0-9]+`), `"duration_ms":<ms>`},
	{regexp.MustCompile(`"execution_time":[0-9]+`), `"execution_time":<ms>`},
}

// steady replaces the values that differ from run to run: those of the script's variables by their names,
// other ids and times by their kind.
func steady(ts *testscript.TestScript, s string) string {
	type pair struct{ name, value string }
	var pairs []pair
	for _, name := range names {
		if value := ts.Getenv(name); value != "" {
			pairs = append(pairs, pair{name, value})
		}
	}
	// The id of a thread begins with its agent's id.
	sort.Slice(pairs, func(i, j int) bool { return len(pairs[i].value) > len(pairs[j].value) })
	for _, p := range pairs {
		s = strings.ReplaceAll(s, p.value, "$"+p.name)
	}
	for _, u := range unsteady {
		s = u.pattern.ReplaceAllString(s, u.with)
	}
	return s
}
