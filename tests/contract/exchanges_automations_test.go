package contract_test

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/boot/later"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/event"
	"github.com/quintet-agents/quintet/shared/ledger"
)

const (
	automationsPath = "/api/v1/automations"
	anAutomation    = automationsPath + "/$AUTOMATION"
	clockAutomation = automationsPath + "/$CLOCK_AUTOMATION"
	otherAutomation = automationsPath + "/$OTHER_AUTOMATION"
	noAutomation    = automationsPath + "/" + nowhere

	aHook  = `{"type":"webhook","path":"hook-$REQUEST","verify":{"type":"standard-webhooks"}}`
	aClock = `{"type":"schedule","cron":"0 9 * * MON-FRI","timezone":"Europe/Berlin"}`
	aSend  = `{"id":"save","type":"http","url":"$TOOL_URL/orders/{{trigger.body.id}}","secret_headers":{"X-Key":"k_5f2b"},"headers":{"X-Run":"{{run.id}}"},"body":"{\"order\":{{trigger.body}}}","retry":{"attempts":2,"backoff_seconds":5}}`
	aPause = `{"id":"pause","type":"wait","seconds":60}`
)

// allSteps has a step of each type.
const allSteps = `{"id":"ask","type":"agent","agent_id":"$SECOND_AGENT","prompt":"Order {{trigger.body.id}}","thread_id":"t-{{run.id}}"},` + aSend + `,` +
	`{"id":"big","type":"condition","if":{"all":[{"left":"steps.save.status","op":"lt","right":300},{"any":[{"not":{"left":"vars.done","op":"exists"}}]}]},` +
	`"then":[{"id":"each","type":"for_each","items":"trigger.body.lines","steps":[{"id":"name","type":"set","values":{"last":"{{item.name}}"}}]}],"else":[` + aPause + `]},` +
	`{"id":"tell","type":"message","connection_id":"$CONNECTION","to":"{{trigger.body.phone}}","text":"Thanks"},` +
	`{"id":"late","type":"wait","until":"{{trigger.body.at}}"},` +
	`{"id":"remind","type":"template","connection_id":"$CONNECTION","to":"{{trigger.body.phone}}","name":"reminder","language":"en","parameters":{"1":"{{trigger.body.id}}"}}`

// newOrders is the name of these automations.
const newOrders = "New orders"

// aDraft returns the body that creates an automation.
func aDraft(trigger, steps string) string {
	return `{"name":" New orders ","trigger":` + trigger + `,"steps":[` + steps + `]}`
}

var automations = slices.Concat(
	managers("manage-automation-list", get, automationsPath, ""),
	of("manage-automation-list",
		exchange{method: get, path: automationsPath + "?limit=1", status: 200},
		exchange{method: get, path: automationsPath, key: "$MEMBER_SESSION", status: 200},
		exchange{method: get, path: automationsPath + "?limit=101", status: 400},
		exchange{method: get, path: automationsPath + "?cursor=x", status: 400},
	),

	managers("manage-automation-create", post, automationsPath, aDraft(aHook, aPause)),
	refusesBodies("manage-automation-create", post, automationsPath, "name", 400),
	of("manage-automation-create",
		exchange{method: post, path: automationsPath, body: aDraft(aHook, allSteps), status: 201, writes: true},
		exchange{method: post, path: automationsPath, body: aDraft(aHook, allSteps), header: once, status: 201, writes: true},
		exchange{method: post, path: automationsPath, body: aDraft(but(aHook, "standard-webhooks", "bearer"), aPause), key: "$MEMBER_SESSION", status: 201, writes: true},
		exchange{method: post, path: automationsPath, body: aDraft(but(aHook, `standard-webhooks"`, `hmac-sha256","secret":"0123456789abcdef"`), aPause), status: 201, writes: true},
		exchange{method: post, path: automationsPath, body: aDraft(aClock, aSend), status: 201, writes: true},
		exchange{method: post, path: automationsPath, body: aDraft(`{"type":"event","event":"turn.completed","agent_id":"$SECOND_AGENT"}`, aPause), status: 201, writes: true},
		exchange{method: post, path: automationsPath, key: "$FULL_AUTOMATIONS_KEY", body: aDraft(aClock, aPause), status: 409},
	),
	refused("manage-automation-create", post, automationsPath,
		`{}`, `{"name":"x"}`, but(aDraft(aClock, aPause), " New orders ", " "), but(aDraft(aClock, aPause), " New orders ", strings.Repeat("x", 101)), aDraft(aClock, ""), aDraft(`[]`, aPause), aDraft(`null`, aPause), aDraft(aClock, `1`),
		`{"name":"x","trigger":`+aClock+`,"steps":{}}`, aDraft(but(aClock, "Berlin", "Nowhere"), aPause), aDraft(but(aClock, "0 9", "0 25"), aPause), aDraft(but(aHook, "hook-", "-"), aPause),
		aDraft(but(aHook, `standard-webhooks"`, `bearer","secret":"short"`), aPause), aDraft(but(aHook, `,"verify":{"type":"standard-webhooks"}`, ""), aPause), aDraft(`{"type":"event","event":"automation.run.failed"}`, aPause),
		aDraft(aClock, aPause+","+aPause), aDraft(aClock, but(aSend, "{{trigger.body.id}}", "{{trigger.body.id")), aDraft(aClock, but(aSend, "$TOOL_URL", "https://{{vars.host}}")), aDraft(aClock, but(aSend, "$TOOL_URL", "http://10.0.0.1")),
		aDraft(aClock, but(aSend, `"k_5f2b"`, `null`)), aDraft(aClock, but(aSend, `{"X-Key":"k_5f2b"}`, `["X-Key"]`)), aDraft(aClock, but(aSend, `"k_5f2b"`, `"k"`)), aDraft(aClock, but(aSend, "X-Run", "Host")),
		aDraft(aClock, but(aPause, "pause", `\ud83c`)), aDraft(aClock, but(aPause, "60", "60,\"colour\":1")), aDraft(aClock, but(aPause, "60", "2592001")),
	),

	managers("manage-automation-get", get, anAutomation, ""),
	of("manage-automation-get",
		exchange{method: get, path: anAutomation, status: 200},
		exchange{method: get, path: clockAutomation, key: "$MEMBER_SESSION", status: 200},
		exchange{method: get, path: automationsPath + "/$LOST_AUTOMATION", status: 200},
		exchange{method: get, path: otherAutomation, status: 404},
		exchange{method: get, path: noAutomation, status: 404},
		exchange{method: get, path: automationsPath + "/nothing", status: 404},
	),

	managers("manage-automation-update", patch, anAutomation, `{"disabled":true}`),
	refusesBodies("manage-automation-update", patch, anAutomation, "name", 400),
	of("manage-automation-update",
		exchange{method: patch, path: anAutomation, body: `{"disabled":true}`, header: once, status: 200, writes: true},
		exchange{method: patch, path: anAutomation, body: `{"name":"Old orders","steps":[` + but(aSend, `{"X-Key":"k_5f2b"}`, `["X-Key"]`) + `]}`, key: "$MEMBER_SESSION", status: 200, writes: true},
		exchange{method: patch, path: anAutomation, body: `{"trigger":` + aHook + `}`, header: once, status: 200, writes: true},
		exchange{method: patch, path: anAutomation, body: `{"trigger":` + aClock + `,"steps":[` + aSend + `]}`, status: 200, writes: true},
		exchange{method: patch, path: clockAutomation, body: `{"disabled":false}`, status: 200, writes: true},
		exchange{method: patch, path: clockAutomation, body: `{"trigger":` + aHook + `}`, header: once, status: 200, writes: true},
		exchange{method: patch, path: automationsPath + "/$EVENT_AUTOMATION", body: `{"disabled":true}`, status: 200, writes: true},
		exchange{method: patch, path: otherAutomation, body: `{"disabled":true}`, status: 404},
		exchange{method: patch, path: noAutomation, body: `{"disabled":true}`, status: 404},
		exchange{method: patch, path: automationsPath + "/nothing", body: `{"disabled":true}`, status: 404},
	),
	refused("manage-automation-update", patch, anAutomation,
		`{}`, `{"name":null}`, `{"name":"x","steps":null}`, `{"name":" "}`, `{"disabled":1}`, `{"steps":[]}`, `{"colour":1}`, `{"trigger":{"type":"mail"}}`, `{"steps":[`+aPause+`,1]}`,
		`{"steps":[`+but(but(aSend, `{"X-Key":"k_5f2b"}`, `["X-Key"]`), "$TOOL_URL", "https://example.com")+`]}`, `{"steps":[`+but(aSend, `{"X-Key":"k_5f2b"}`, `["X-Other"]`)+`]}`,
	),

	managers("manage-automation-delete", remove, anAutomation, ""),
	of("manage-automation-delete",
		exchange{method: remove, path: anAutomation, header: once, status: 200, writes: true},
		exchange{method: remove, path: clockAutomation, key: "$MEMBER_SESSION", status: 200, writes: true},
		exchange{method: remove, path: otherAutomation, status: 404},
		exchange{method: remove, path: noAutomation, status: 404},
		exchange{method: remove, path: automationsPath + "/nothing", status: 404},
	),

	managers("manage-automation-publish", post, anAutomation+"/publish", ""),
	of("manage-automation-publish",
		exchange{method: post, path: anAutomation + "/publish", header: once, status: 200, writes: true},
		exchange{method: post, path: clockAutomation + "/publish", key: "$MEMBER_SESSION", status: 200, writes: true},
		exchange{method: post, path: automationsPath + "/$FIRST_AUTOMATION/publish", key: "$FIRST_AUTOMATION_KEY", status: 200, writes: true},
		exchange{method: post, path: automationsPath + "/$LOST_AUTOMATION/publish", status: 400},
		exchange{method: post, path: automationsPath + "/$TAKEN_AUTOMATION/publish", status: 400},
		exchange{method: post, path: otherAutomation + "/publish", status: 404},
		exchange{method: post, path: noAutomation + "/publish", status: 404},
		exchange{method: post, path: automationsPath + "/nothing/publish", status: 404},
	),
)

// addAutomations creates an automation of the other org, and an org with the largest number of
// automations.
func (w *world) addAutomations(t *testing.T, other string) {
	t.Helper()
	w.names["OTHER_ORG_PATH"] = other
	w.names["OTHER_AUTOMATION"] = w.automation(t, other, but(aHook, "$REQUEST", other), aPause, (*automation.Automation).Publish)
	full := w.Org(t, ledger.Credit)
	w.countAutomations(t, full, automation.MaxAutomations)
	w.names["FULL_AUTOMATIONS_KEY"], _ = w.Key(t, full, "")
}

// countAutomations lets an org count as if it had n automations. Real ones would make each snapshot
// of the table larger.
func (w *world) countAutomations(t *testing.T, org string, n int) {
	t.Helper()
	if _, err := w.Client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName: &w.Name, UpdateExpression: new("SET automations = :n"),
		Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: "ORG#" + org}, "sk": &types.AttributeValueMemberS{Value: "ORG"},
		},
		ConditionExpression:       new("attribute_exists(pk)"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":n": &types.AttributeValueMemberN{Value: strconv.Itoa(n)}},
	}); err != nil {
		t.Fatal(err)
	}
}

// renewAutomations leaves the world's org with five automations: one that a webhook starts, with
// another draft; one that events start; one with a schedule, which is disabled; and two that cannot
// be published. A new org gets its first automation.
func (w *world) renewAutomations(t *testing.T) {
	t.Helper()
	old, err := w.Store.Automations(t.Context(), w.org, "", automation.MaxAutomations)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range old {
		if a.ID == w.names["RUN_AUTOMATION"] || a.Name != newOrders && a.Name != "Old orders" {
			continue // other exchanges have it
		}
		if err := w.Store.DeleteAutomation(t.Context(), nil, w.org, a.ID); err != nil {
			t.Fatal(err)
		}
	}
	redraft := func(a *automation.Automation, _ time.Time) error {
		a.Draft.Trigger.Path = "hook-" + automation.NewID()
		return nil
	}
	first := w.Org(t, ledger.Credit)
	w.names["FIRST_AUTOMATION"] = w.automation(t, first, aClock, aPause)
	w.names["FIRST_AUTOMATION_KEY"], _ = w.Key(t, first, "")
	ask := w.expand(`{"id":"ask","type":"agent","agent_id":"$SECOND_AGENT","prompt":"{{trigger.body}}"}`)
	maps.Copy(w.names, map[string]string{
		"AUTOMATION":       w.automation(t, w.org, but(aHook, "$REQUEST", automation.NewID()), w.expand(aSend)+","+ask, (*automation.Automation).Publish, redraft),
		"CLOCK_AUTOMATION": w.automation(t, w.org, aClock, ask, (*automation.Automation).Publish, func(a *automation.Automation, now time.Time) error { return a.Disable(true, now) }),
		"EVENT_AUTOMATION": w.automation(t, w.org, `{"type":"event","event":"agent.deleted"}`, ask, (*automation.Automation).Publish),
		"LOST_AUTOMATION":  w.automation(t, w.org, `{"type":"event","event":"turn.completed"}`, but(ask, w.names["SECOND_AGENT"], nowhere)),
		"TAKEN_AUTOMATION": w.automation(t, w.org, but(aHook, "$REQUEST", w.names["OTHER_ORG_PATH"]), aPause),
	})
}

// automation stores an automation as changes leave it.
func (w *world) automation(t *testing.T, org, trigger, steps string, changes ...func(*automation.Automation, time.Time) error) string {
	t.Helper()
	p, err := automation.Parse([]byte(`{"trigger":`+trigger+`,"steps":[`+steps+`]}`), event.Types)
	if err != nil {
		t.Fatal(err)
	}
	a := automation.Automation{ID: automation.NewID(), OrgID: org, Name: newOrders, CreatedAt: w.Now(), UpdatedAt: w.Now(), Revision: 1}
	if a.Draft, _, err = a.Edit(t.Context(), p, later.AutomationSecrets(w.deps(dynamotest.Endpoint(), ""))); err != nil {
		t.Fatal(err)
	}
	if err := w.Store.CreateAutomation(t.Context(), nil, a); err != nil {
		t.Fatal(err)
	}
	if len(changes) == 0 {
		return a.ID
	}
	if _, err := w.Store.ChangeAutomation(t.Context(), nil, org, a.ID, w.Now(), func(a *automation.Automation) error {
		for _, change := range changes {
			if err := change(a, w.Now()); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return a.ID
}
