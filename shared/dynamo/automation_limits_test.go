package dynamo_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/request"
)

// largest returns an automation with the longest definition, and the most and longest secrets.
func largest(t *testing.T, orgID string, now time.Time) automation.Automation {
	t.Helper()
	var steps []string
	secrets := automation.Secrets{automation.VerifySecret: bytes.Repeat([]byte("v"), 256*4+200)}
	for i := range 5 {
		var headers []string
		for j := range 4 {
			name := fmt.Sprintf("X-%02d-%s", j, strings.Repeat("k", 59))
			headers = append(headers, `"`+name+`"`)
			secrets[automation.HeaderSecret(fmt.Sprintf("s%039d", i), name)] = bytes.Repeat([]byte("s"), request.MaxHeader+200) // KMS adds less
		}
		steps = append(steps, fmt.Sprintf(`{"id": "s%039d", "type": "http", "url": "https://a.example/", "secret_headers": [%s], "body": "{\"a\": \"%s\"}"}`,
			i, strings.Join(headers, ","), strings.Repeat("b", 12_500)))
	}
	p, err := automation.Parse(fmt.Appendf(nil, `{"trigger": {"type": "webhook", "path": "largest-%s", "verify": {"type": "bearer"}}, "steps": [%s]}`,
		orgID, strings.Join(steps, ",")), nil)
	if err != nil {
		t.Fatal(err)
	}
	a := newAutomation(orgID, now)
	a.Draft = automation.Draft{Definition: p.Definition, Secrets: secrets}
	return a
}

// The largest automation can be published, run by the largest request, and its steps can keep as
// much as they may: each row has less than DynamoDB's 400 KB.
func TestRunRows_Largest(t *testing.T) {
	table := dynamotest.Open(t)
	org, now := table.Org(t, ledger.Credit), time.Now().UTC()
	a := largest(t, org, now)
	if err := table.Store.CreateAutomation(t.Context(), nil, a); err != nil {
		t.Fatal(err)
	}
	a, err := table.Store.ChangeAutomation(t.Context(), nil, org, a.ID, now, func(a *automation.Automation) error { return a.Publish(now) })
	if err != nil {
		t.Fatal(err)
	}
	const longest = 272 << 10 // of what a webhook starts, see package hook
	r := a.Start(automation.NewID(), automation.ByWebhook, []byte(`{"body":"`+strings.Repeat("t", longest-20)+`"}`), now)
	if err := table.Store.StartRun(t.Context(), nil, r); err != nil {
		t.Fatal(err)
	}
	claimed, err := table.Store.ClaimRun(t.Context(), r.Ref, "lease", now, now.Add(time.Minute))
	if err != nil || claimed == nil || len(claimed.Secrets) != len(a.Published.Secrets) {
		t.Fatalf("got %+v, %v", claimed, err)
	}
	ours, err := table.Store.KeepStep(t.Context(), *claimed, automation.Execution{
		Path: strings.Repeat("p", 90), State: automation.StepDone, Input: bytes.Repeat([]byte("i"), automation.MaxInput), Output: bytes.Repeat([]byte("o"), automation.MaxOutput),
		Error: strings.Repeat("e", 2000), BegunAt: now,
	})
	if err != nil || !ours {
		t.Errorf("a step: got %t, %v", ours, err)
	}
	// The same rows with another 64 KB are too large, here as in the cloud.
	r.ID, r.Trigger = automation.NewID(), append(r.Trigger, bytes.Repeat([]byte(" "), 64<<10)...)
	if err := table.Store.StartRun(t.Context(), nil, r); err == nil {
		t.Error("got a row of more than 400 KB stored: the emulator does not enforce the limit")
	}
}
