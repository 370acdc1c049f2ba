package dynamotest

import (
	"context"
	"crypto/rand"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/job"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/thread"
)

// Org creates an org; change may alter its account before it is stored.
func (b Table) Org(t testing.TB, balance ledger.Credits, change ...func(*ledger.Account)) string {
	t.Helper()
	o := identity.Org{ID: newID(), Name: t.Name(), Email: "org@example.com", CreatedAt: b.Now()}
	a := ledger.NewAccount(o.ID, balance)
	for _, c := range change {
		c(&a)
	}
	if err := b.Store.CreateOrg(context.Background(), o, a); err != nil {
		t.Fatal(err)
	}
	return o.ID
}

// Key creates an API key and binds it to agentID unless that is empty.
func (b Table) Key(t testing.TB, orgID, agentID string) (raw string, stored identity.Key) {
	t.Helper()
	raw, key, err := identity.Mint(identity.Key{
		ID: newID(), OrgID: orgID, AgentID: agentID, Name: "test", Prefix: "fj", CreatedAt: b.Now(),
	}, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Store.CreateKey(context.Background(), nil, key); err != nil {
		t.Fatal(err)
	}
	return raw, key
}

// Agent creates an agent whose first version is deployed.
func (b Table) Agent(t testing.TB, orgID, instructions string) agent.Agent {
	t.Helper()
	a, draft := b.Draft(t, orgID, instructions)
	d, err := b.Store.DeployVersion(context.Background(), nil, orgID, a.ID, draft.ID, b.Now())
	if err != nil {
		t.Fatal(err)
	}
	return d.Agent
}

// Draft creates an agent that is not deployed.
func (b Table) Draft(t testing.TB, orgID, instructions string) (agent.Agent, agent.Version) {
	t.Helper()
	a, draft := agent.New(orgID, "Test Agent", "", instructions, b.Now())
	if err := b.Store.CreateAgent(context.Background(), nil, a, draft); err != nil {
		t.Fatal(err)
	}
	return a, draft
}

// Thread creates a thread of an agent.
func (b Table) Thread(t testing.TB, a agent.Agent) thread.Thread {
	t.Helper()
	th := thread.New(a.OrgID, a.ID, b.Now())
	if err := b.Store.CreateThread(context.Background(), nil, th); err != nil {
		t.Fatal(err)
	}
	return th
}

// Delivery creates a callback's delivery to a URL, for which no message was sent yet.
func (b Table) Delivery(t testing.TB, orgID, url string, body []byte) delivery.Delivery {
	t.Helper()
	j := job.Job{Ref: job.Ref{OrgID: orgID, ID: newID()}, URL: url, CreatedAt: b.Now()}
	if err := b.Store.CreateJob(context.Background(), nil, j); err != nil {
		t.Fatal(err)
	}
	taken, err := b.Store.ClaimJob(context.Background(), j.Ref, "lease", b.Now(), b.Now().Add(job.LeaseTime))
	if err != nil || taken == nil {
		t.Fatal(taken, err)
	}
	d := taken.Outcome(body, b.Now())
	if ours, err := b.Store.FinishJob(context.Background(), *taken, d); err != nil || !ours {
		t.Fatal(ours, err)
	}
	return d
}

// Account reads an org's account.
func (b Table) Account(t testing.TB, orgID string) ledger.Account {
	t.Helper()
	a, err := b.Store.Account(context.Background(), orgID)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Items returns all items of the table.
func (b Table) Items(t testing.TB) []map[string]types.AttributeValue {
	t.Helper()
	var items []map[string]types.AttributeValue
	pages := dynamodb.NewScanPaginator(b.Client, &dynamodb.ScanInput{TableName: aws.String(b.Name), ConsistentRead: aws.Bool(true)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		items = append(items, page.Items...)
	}
	return items
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }
