package automation_test

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/fault"
)

// sealer seals with the context of a secret in readable form.
type sealer struct{}

func (sealer) SealAutomationSecret(_ context.Context, orgID, automationID, name, plain string) ([]byte, error) {
	return []byte(strings.Join([]string{orgID, automationID, name, plain}, " ")), nil
}

// parsed parses a definition of one trigger and some steps.
func parsed(t *testing.T, trigger, steps string) automation.Parsed {
	t.Helper()
	p, err := automation.Parse([]byte(`{"trigger": `+trigger+`, "steps": [`+steps+`]}`), events)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const (
	aWebhook = `{"type": "webhook", "path": "new-orders", "verify": {"type": "bearer"}}`
	anHour   = `{"type": "schedule", "every_minutes": 60}`
	aRequest = `{"id": "a", "type": "http", "url": "https://a.example/{{run.id}}", "secret_headers": {"X-Key": "hunter22"}}`
)

// edit gives an automation another draft.
func edit(t *testing.T, a *automation.Automation, p automation.Parsed) (minted string) {
	t.Helper()
	draft, minted, err := a.Edit(t.Context(), p, sealer{})
	if err != nil {
		t.Fatal(err)
	}
	a.Draft = draft
	return minted
}

func TestEdit_KeepsSecrets(t *testing.T) {
	a := automation.Automation{OrgID: "o", ID: "i"}
	given := edit(t, &a, parsed(t, anHour, aRequest))
	first := automation.Secrets{"header/a/X-Key": []byte("o i header/a/X-Key hunter22")}
	if d := cmp.Diff(first, a.Draft.Secrets); d != "" || given != "" {
		t.Fatalf("got the secret %q minted, and (-want +got):\n%s", given, d)
	}
	for name, steps := range map[string]string{
		"names":     `{"id": "a", "type": "http", "url": "https://A.example/other", "secret_headers": ["X-Key"]}`,
		"null":      `{"id": "b", "type": "wait", "seconds": 1}, {"id": "a", "type": "http", "url": "https://a.example/", "secret_headers": {"X-Key": null}}`,
		"in a loop": `{"id": "l", "type": "for_each", "items": "trigger.body", "steps": [{"id": "a", "type": "http", "url": "https://a.example/", "secret_headers": ["X-Key"]}]}`,
	} {
		next := a
		edit(t, &next, parsed(t, anHour, steps))
		if d := cmp.Diff(first, next.Draft.Secrets); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
	next := a
	edit(t, &next, parsed(t, anHour, strings.Replace(aRequest, "hunter22", "hunter23", 1)))
	if got, want := string(next.Draft.Secrets["header/a/X-Key"]), "o i header/a/X-Key hunter23"; got != want {
		t.Errorf("a new value: got %s, want %s", got, want)
	}
	edit(t, &next, parsed(t, anHour, `{"id": "a", "type": "http", "url": "https://a.example/"}`))
	if len(next.Draft.Secrets) > 0 {
		t.Errorf("a header that is gone: got its secret %v, want none", next.Draft.Secrets)
	}
}

// A stored secret goes to the step and the host that it was given for, and to no other.
func TestEdit_Refusals(t *testing.T) {
	a := automation.Automation{OrgID: "o", ID: "i"}
	edit(t, &a, parsed(t, anHour, aRequest))
	for steps, want := range map[string]string{
		`{"id": "a", "type": "http", "url": "https://b.example/", "secret_headers": ["X-Key"]}`:                                              "steps[0].secret_headers.X-Key must be given again, because url leads to another host",
		`{"id": "a", "type": "http", "url": "http://a.example/", "secret_headers": ["X-Key"]}`:                                               "steps[0].secret_headers.X-Key must be given again, because url leads to another host",
		`{"id": "a", "type": "http", "url": "https://a.example:8443/", "secret_headers": ["X-Key"]}`:                                         "steps[0].secret_headers.X-Key must be given again, because url leads to another host",
		`{"id": "a", "type": "http", "url": "https://a.example{{! x }}.evil.example/", "secret_headers": ["X-Key"]}`:                         "steps[0].secret_headers.X-Key must be given again, because url leads to another host",
		`{"id": "w", "type": "wait", "seconds": 1}, {"id": "a", "type": "http", "url": "https://a.example/", "secret_headers": ["X-Other"]}`: "steps[1].secret_headers.X-Other must have a value, because none is stored",
		`{"id": "b", "type": "http", "url": "https://a.example/", "secret_headers": {"X-Key": null}}`:                                        "steps[0].secret_headers.X-Key must have a value, because none is stored",
	} {
		_, _, err := a.Edit(t.Context(), parsed(t, anHour, steps), sealer{})
		f, ok := errors.AsType[*fault.Error](err)
		if !ok || f.Code != fault.Invalid || f.Message != want || !strings.HasPrefix(want, f.Field+" ") {
			t.Errorf("%s:\n got %v\nwant %s", steps, err, want)
		}
	}
}

// A webhook has a secret of its own kind, which is made once.
func TestEdit_MintsVerifySecret(t *testing.T) {
	a := automation.Automation{OrgID: "o", ID: "i"}
	first := edit(t, &a, parsed(t, aWebhook, aRequest))
	sealed := string(a.Draft.Secrets["verify"])
	if len(first) < 20 || sealed != "o i verify "+first {
		t.Fatalf("got %q minted and %q stored, want a long secret, sealed", first, sealed)
	}
	again := edit(t, &a, parsed(t, strings.Replace(aWebhook, "new-orders", "old-orders", 1), aRequest))
	if again != "" || string(a.Draft.Secrets["verify"]) != sealed {
		t.Errorf("another path: got %q minted, and %s; want the secret to stay", again, a.Draft.Secrets["verify"])
	}
	standard := edit(t, &a, parsed(t, strings.Replace(aWebhook, "bearer", "standard-webhooks", 1), aRequest))
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(standard, "whsec_"))
	if err != nil || len(key) != 32 || !strings.HasPrefix(standard, "whsec_") {
		t.Errorf("another type: got %q, %v; want a secret of the Standard Webhooks form", standard, err)
	}
	given := edit(t, &a, parsed(t, `{"type": "webhook", "path": "new-orders", "verify": {"type": "hmac-sha256", "secret": "0123456789abcdef"}}`, aRequest))
	if got := string(a.Draft.Secrets["verify"]); given != "" || got != "o i verify 0123456789abcdef" {
		t.Errorf("a secret that was given: got %q minted and %q stored", given, got)
	}
	edit(t, &a, parsed(t, anHour, aRequest))
	if a.Draft.Secrets["verify"] != nil {
		t.Errorf("a schedule: got the secret %s, want none", a.Draft.Secrets["verify"])
	}
}

// checker refuses the hosts that it is given, and remembers what it was asked.
type checker struct {
	refused string
	asked   chan string
}

func (c checker) Check(_ context.Context, field, url string) error {
	c.asked <- url
	if strings.Contains(url, c.refused) {
		return fault.Rule(field, "must have a host that resolves")
	}
	return nil
}

func TestCheckURLs(t *testing.T) {
	before := parsed(t, anHour, `{"id": "a", "type": "http", "url": "https://a.example/x"}`)
	after := parsed(t, anHour, `{"id": "a", "type": "http", "url": "https://A.example/y"}, {"id": "w", "type": "wait", "seconds": 1},
		{"id": "c", "type": "condition", "if": {"left": "vars.x", "op": "exists"}, "then": [{"id": "b", "type": "http", "url": "https://b.example:444?x={{run.id}}"}, {"id": "d", "type": "http", "url": "https://b.example:444/z"}]},
		{"id": "e", "type": "http", "url": "http://c.example/"}`)
	for refused, want := range map[string]string{"none": "", "b.example": "steps[2].then[0].url must have a host that resolves", "c.example": "steps[3].url must have a host that resolves"} {
		c := checker{refused, make(chan string, 10)}
		err := after.CheckURLs(t.Context(), c, before.Definition)
		if got := fault.From(err); (want == "") != (err == nil) || err != nil && got.Message != want {
			t.Errorf("%s: got %v, want %q", refused, err, want)
		}
		close(c.asked)
		var asked []string
		for url := range c.asked {
			asked = append(asked, url)
		}
		slices.Sort(asked)
		if d := cmp.Diff([]string{"http://c.example/", "https://b.example:444/"}, asked); d != "" {
			t.Errorf("asked hosts (-want +got):\n%s", d)
		}
	}
}
