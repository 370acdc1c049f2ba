package dynamo_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
)

// everySetting has a value other than the default in each field.
var everySetting = agent.Settings{
	Model: "m-1", Temperature: 0, MaxOutputTokens: 300, Stop: []string{"END", "\n"},
	Provider: agent.OpenAI, BaseURL: "https://api.example.com/v1", Region: "eu-west-1", RoleARN: "arn:aws:iam::1:role/r",
	ProviderKey:        []byte{0, 1, 255},
	Caps:               agent.Caps{Rounds: new(0), Time: 20 * time.Second, Credits: ledger.Credit / 4},
	CallerInstructions: agent.Refuse,
}

var (
	madeAt   = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	httpTool = agent.Tool{
		ID: "t-1", Type: agent.HTTPTool, Name: "weather", URL: "https://api.example.com/{{city}}", Description: "Weather of a city",
		Parameters: json.RawMessage(`{"type":"object"}`), Method: "POST", Headers: map[string]string{"A": "b"}, Body: "{{city}}",
		Timeout: 3 * time.Second, SecretHeaders: map[string][]byte{"X-Key": {9, 0}}, CreatedAt: madeAt, UpdatedAt: madeAt,
	}
	mcpTool = agent.Tool{
		ID: "t-2", Type: agent.MCPTool, Name: "shop", URL: "https://mcp.example.com",
		Allow: []agent.Pin{{Name: "buy", SHA256: "00ff", Tool: json.RawMessage(`{"name":"buy"}`)}}, CreatedAt: madeAt, UpdatedAt: madeAt,
	}
)

// deployNow deploys a version and fails the test on an error.
func deployNow(t *testing.T, table dynamotest.Table, org, agentID, versionID string) {
	t.Helper()
	if _, err := table.Store.DeployVersion(ctx, nil, org, agentID, versionID, time.Now()); err != nil {
		t.Fatal(err)
	}
}

// change changes the draft of an agent and fails the test on an error.
func changeDraft(t *testing.T, table dynamotest.Table, org, agentID string, next func(*agent.Version)) agent.Version {
	t.Helper()
	draft, err := table.Store.ChangeDraft(ctx, nil, org, agentID, time.Now(), func(v *agent.Version) error {
		next(v)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return draft
}

// A draft keeps all it was given. Deploying and rolling back change instructions, settings and
// tools together.
func TestChangeDraft_DeployAndRollBack(t *testing.T) {
	table := dynamotest.Open(t)
	org := table.Org(t, 0)
	a, first := table.Draft(t, org, "one")
	deployNow(t, table, org, a.ID, first.ID)

	draft := changeDraft(t, table, org, a.ID, func(v *agent.Version) { v.Settings = everySetting })
	if draft.Status != agent.Draft || draft.Label != "v1.1" || draft.Instructions != "one" {
		t.Fatalf("got draft %+v, want a new draft v1.1 with the deployed instructions", draft)
	}
	again := changeDraft(t, table, org, a.ID, func(v *agent.Version) { v.Tools = append(v.Tools, httpTool, mcpTool) })
	if again.VersionRef != draft.VersionRef {
		t.Fatalf("got %+v, want the same draft %+v", again.VersionRef, draft.VersionRef)
	}
	stored, err := table.Store.Version(ctx, org, a.ID, draft.ID)
	want := agent.Version{
		VersionRef: draft.VersionRef, Status: agent.Draft, Instructions: "one", Settings: everySetting,
		Tools: []agent.Tool{httpTool, mcpTool}, CreatedAt: stored.CreatedAt,
	}
	if d := cmp.Diff(want, stored); err != nil || d != "" {
		t.Fatalf("stored draft: %v (-want +got):\n%s", err, d)
	}

	live := func(version, instructions string, s agent.Settings, tools int) {
		t.Helper()
		for _, name := range []string{a.ID, a.Slug} {
			got, err := table.Store.Live(ctx, org, name)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(s, got.Settings); d != "" || got.Deployed.ID != version || got.Instructions != instructions || got.Tools != tools {
				t.Fatalf("live as %s: got %+v; want version %s, instructions %q, %d tools, settings (-want +got):\n%s",
					name, got, version, instructions, tools, d)
			}
		}
		shown, err := table.Store.Agent(ctx, org, a.ID)
		if err != nil || shown.Model != s.Model || shown.Temperature != s.Temperature {
			t.Fatalf("agent: got %+v, %v; want model %q and temperature %v", shown, err, s.Model, s.Temperature)
		}
	}
	defaults := agent.Settings{Temperature: agent.DefaultTemperature}
	live(first.ID, "one", defaults, 0)
	deployNow(t, table, org, a.ID, draft.ID)
	live(draft.ID, "one", everySetting, 2)
	deployNow(t, table, org, a.ID, first.ID)
	live(first.ID, "one", defaults, 0)

	// After a rollback the next draft has the deployed content, not that of the newest version.
	next := changeDraft(t, table, org, a.ID, func(v *agent.Version) { v.Instructions = "three" })
	if next.Label != "v1.2" || len(next.Tools) != 0 || !cmp.Equal(next.Settings, defaults) {
		t.Fatalf("got %+v, want v1.2 with the content of v1.0", next)
	}
	if old, err := table.Store.Version(ctx, org, a.ID, draft.ID); err != nil || old.Status != agent.Archived || len(old.Tools) != 2 {
		t.Fatalf("got %+v, %v; want v1.1 archived and unchanged", old, err)
	}
}

// New instructions make a draft that has the settings and tools of the draft before it.
func TestUpdateAgent_InstructionsKeepSettingsAndTools(t *testing.T) {
	table := dynamotest.Open(t)
	org := table.Org(t, 0)
	a, _ := table.Draft(t, org, "one")
	changeDraft(t, table, org, a.ID, func(v *agent.Version) { v.Settings, v.Tools = everySetting, []agent.Tool{httpTool} })
	two := "two"
	if _, err := table.Store.UpdateAgent(ctx, nil, org, a.ID, agent.Patch{Instructions: &two}, time.Now()); err != nil {
		t.Fatal(err)
	}
	versions, err := table.Store.Versions(ctx, org, a.ID)
	if err != nil || len(versions) != 2 {
		t.Fatalf("got versions %+v, %v; want two", versions, err)
	}
	newest, err := table.Store.Version(ctx, org, a.ID, versions[0].ID)
	if err != nil || newest.Instructions != "two" || !cmp.Equal(newest.Settings, everySetting) || !cmp.Equal(newest.Tools, []agent.Tool{httpTool}) {
		t.Fatalf("got %+v, %v; want the new instructions with the draft's settings and tools", newest, err)
	}
	if tools, err := table.Store.Tools(ctx, org, a.ID, newest.ID); err != nil || len(tools) != 1 {
		t.Fatalf("got tools %+v, %v; want one", tools, err)
	}
	none := changeDraft(t, table, org, a.ID, func(v *agent.Version) { v.Tools = nil })
	if tools, err := table.Store.Tools(ctx, org, a.ID, none.ID); err != nil || len(tools) != 0 {
		t.Fatalf("got tools %+v, %v; want none", tools, err)
	}
}

// Overlapping changes of a draft all take effect.
func TestChangeDraft_ConcurrentChanges(t *testing.T) {
	table := dynamotest.Open(t)
	org := table.Org(t, 0)
	a := table.Agent(t, org, "x")
	const writers = 4
	done := make(chan error, writers)
	for i := range writers {
		go func() {
			_, err := table.Store.ChangeDraft(ctx, nil, org, a.ID, time.Now(), func(v *agent.Version) error {
				v.Tools = append(v.Tools, agent.Tool{ID: fmt.Sprint(i)})
				return nil
			})
			done <- err
		}()
	}
	for range writers {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	versions, err := table.Store.Versions(ctx, org, a.ID)
	if err != nil || len(versions) != 2 {
		t.Fatalf("got versions %+v, %v; want the deployed one and one draft", versions, err)
	}
	if tools, err := table.Store.Tools(ctx, org, a.ID, versions[0].ID); err != nil || len(tools) != writers {
		t.Fatalf("got tools %+v, %v; want %d", tools, err, writers)
	}
}

func TestChangeDraft_Refusals(t *testing.T) {
	table := dynamotest.Open(t)
	org, other := table.Org(t, 0), table.Org(t, 0)
	a, first := table.Draft(t, org, "x")
	change := func(org, agentID string, next func(*agent.Version) error) error {
		_, err := table.Store.ChangeDraft(ctx, nil, org, agentID, time.Now(), next)
		return err
	}
	keep := func(*agent.Version) error { return nil }
	wantCode(t, change(other, a.ID, keep), fault.NotFound)
	wantCode(t, change(org, "nobody", keep), fault.NotFound)
	refused := errors.New("refused")
	if err := change(org, a.ID, func(v *agent.Version) error { v.Instructions = "y"; return refused }); !errors.Is(err, refused) {
		t.Fatalf("got %v, want the change's own error", err)
	}
	if err := change(org, a.ID, func(v *agent.Version) error { v.Tools = make([]agent.Tool, agent.MaxTools+1); return nil }); !errors.Is(err, agent.ErrTooManyTools) {
		t.Fatalf("got %v, want %v", err, agent.ErrTooManyTools)
	}
	if err := change(org, a.ID, func(v *agent.Version) error {
		v.Tools = []agent.Tool{{Body: strings.Repeat("x", agent.MaxToolBytes)}}
		return nil
	}); !errors.Is(err, agent.ErrToolsTooLarge) {
		t.Fatalf("got %v, want %v", err, agent.ErrToolsTooLarge)
	}
	if v, err := table.Store.Version(ctx, org, a.ID, first.ID); err != nil || v.Instructions != "x" || len(v.Tools) != 0 {
		t.Fatalf("got %+v, %v; want the draft unchanged", v, err)
	}
	_, err := table.Store.Version(ctx, org, a.ID, "v-none")
	wantCode(t, err, fault.NotFound)
	_, err = table.Store.Version(ctx, other, a.ID, first.ID)
	if !errors.Is(err, agent.ErrNotFound) {
		t.Fatalf("got %v, want %v", err, agent.ErrNotFound)
	}
	if err := table.Store.DeleteAgent(ctx, nil, org, a.ID); err != nil {
		t.Fatal(err)
	}
	_, err = table.Store.Version(ctx, org, a.ID, first.ID)
	if !errors.Is(err, agent.ErrNotFound) {
		t.Fatalf("got %v, want %v of a deleted agent", err, agent.ErrNotFound)
	}
}

// The largest tools fit into one row beside the largest instructions.
func TestChangeDraft_LargestVersion(t *testing.T) {
	table := dynamotest.Open(t)
	org := table.Org(t, 0)
	a := table.Agent(t, org, "x")
	large := changeDraft(t, table, org, a.ID, func(v *agent.Version) {
		v.Instructions = strings.Repeat("\U0001F600", agent.MaxInstructions)
		v.Tools = []agent.Tool{{ID: "t", Body: strings.Repeat("x", agent.MaxToolBytes-300)}}
	})
	deployNow(t, table, org, a.ID, large.ID)
	if live, err := table.Store.Live(ctx, org, a.ID); err != nil || live.Tools != 1 || len(live.Instructions) != 4*agent.MaxInstructions {
		t.Fatalf("got %d tools, %d bytes of instructions, %v; want both", live.Tools, len(live.Instructions), err)
	}
}

// Rows from before versions had settings read as the defaults, and an ordinary agent's rows
// have no more attributes than those.
func TestVersion_RowsWithoutSettings(t *testing.T) {
	table := dynamotest.Open(t)
	org := table.Org(t, 0)
	a, first := table.Draft(t, org, "old")
	deployNow(t, table, org, a.ID, first.ID)
	settings := []string{
		"model", "max_output_tokens", "stop", "provider", "base_url", "region", "role_arn", "provider_key",
		"max_rounds", "max_ms", "max_credits", "caller_instructions", "tools",
	}
	for _, row := range table.Items(t) {
		pk, sk := row["pk"].(*types.AttributeValueMemberS).Value, row["sk"].(*types.AttributeValueMemberS).Value
		text := strings.HasPrefix(sk, "TEXT#")
		if !strings.Contains(pk, org) || !text && !strings.HasPrefix(sk, "LIVE#") {
			continue
		}
		for _, name := range settings {
			if _, ok := row[name]; ok {
				t.Errorf("%s has the attribute %s, want it left out", sk, name)
			}
		}
		if !text {
			continue
		}
		delete(row, "temperature")
		if _, err := table.Client.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String(table.Name), Item: row}); err != nil {
			t.Fatal(err)
		}
	}
	v, err := table.Store.Version(ctx, org, a.ID, first.ID)
	if want := (agent.Settings{Temperature: agent.DefaultTemperature}); err != nil || !cmp.Equal(v.Settings, want) || v.Instructions != "old" {
		t.Fatalf("got %+v, %v; want the settings %+v", v, err, want)
	}
	draft := changeDraft(t, table, org, a.ID, func(v *agent.Version) { v.Settings.Model = "m" })
	deployNow(t, table, org, a.ID, draft.ID)
	if live, err := table.Store.Live(ctx, org, a.ID); err != nil || live.Settings.Temperature != agent.DefaultTemperature || live.Settings.Model != "m" {
		t.Fatalf("got %+v, %v; want the default temperature and the new model", live, err)
	}
}
