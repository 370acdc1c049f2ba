// Package example stores the data that the files in events/ name, so that each event gets a useful answer,
// in any order.
package example

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/cognito"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/dynamo"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/event"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/thread"
	"github.com/quintet-agents/quintet/shared/turn"
)

const (
	orgID = "019b76da-a800-7000-8000-000000000001"
	keyID = "019b76da-a800-7000-8000-000000000002"

	operatorKeyID = "019b76da-a800-7000-8000-000000000005"

	// Keys to revoke, members to change and remove. The user pool does not know these members, because it
	// chooses ids itself.
	spareKeyID      = "019b76da-a800-7000-8000-000000000003"
	otherSpareKeyID = "019b76da-a800-7000-8000-000000000004"
	memberID        = "019b76da-a800-7000-8000-0000000000e1"
	spareMemberID   = "019b76da-a800-7000-8000-0000000000e2"

	webhookID      = "019b76da-a800-7000-8000-0000000000d1"
	spareWebhookID = "019b76da-a800-7000-8000-0000000000d2" // for deletion

	contactID = "019b76da-a800-7000-8000-0000000000d5" // of the first connection, with a thread

	deliveryID = "019b76da-a800-7000-8000-0000000000f2" // of the first webhook

	agentID      = "019b76da-a800-7000-8000-00000000000a" // deployed, with two threads
	draftAgentID = "019b76da-a800-7000-8000-00000000000b" // for deployment
	spareAgentID = "019b76da-a800-7000-8000-00000000000c" // for deletion

	toolID      = "019b76da-a800-7000-8000-0000000000f8" // of the first agent's draft
	spareToolID = "019b76da-a800-7000-8000-0000000000f9" // for deletion

	automationID      = "019b76da-a800-7000-8000-000000000021" // a draft
	spareAutomationID = "019b76da-a800-7000-8000-000000000022" // for deletion

	versionID = "v-000000000001" // each agent's first

	threadID      = agentID + ".019b76da-a800-7000-8000-0000000000aa"
	spareThreadID = agentID + ".019b76da-a800-7000-8000-0000000000ab" // for deletion
)

// madeAt is the time of creation of all the data. A turn that started then has died and left its hold, for
// worker-sweep to release. Until then it is a running turn.
var madeAt = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// deadTurnID contains its start, like every turn's id.
const deadTurnID = "019b76da-a800-7000-8000-0000000000ff"

// Key mints the key of the events: a valid one without randomness, so that it can be in a file.
func Key() (raw string, stored identity.Key, err error) {
	return identity.Mint(identity.Key{
		ID: keyID, OrgID: orgID, Name: "example", Prefix: "fj", CreatedAt: madeAt,
	}, bytes.NewReader(make([]byte, 64)))
}

// OperatorKey mints the key of operators' events in the same way.
func OperatorKey() (raw string, stored identity.Key, err error) {
	return identity.Mint(identity.Key{
		ID: operatorKeyID, OrgID: identity.OperatorOrg, Name: "example", Prefix: "op", CreatedAt: madeAt,
	}, bytes.NewReader(make([]byte, 64)))
}

// Seed stores the example in an empty table. The sealers seal the credentials of connections and
// the secrets of automations.
func Seed(ctx context.Context, store *dynamo.Store, sealer connection.Sealer, secrets automation.Sealer) error {
	_, key, err := Key()
	if err != nil {
		return err
	}
	_, operatorKey, err := OperatorKey()
	if err != nil {
		return err
	}
	org := identity.Org{ID: orgID, Name: "Example", Email: email, CreatedAt: madeAt}
	if err := errors.Join(
		store.CreateOrg(ctx, org, ledger.NewAccount(orgID, 1000*ledger.Credit)),
		store.CreateKey(ctx, nil, key), store.CreateKey(ctx, nil, operatorKey),
		createKey(ctx, store, spareKeyID), createKey(ctx, store, otherSpareKeyID),
		createMember(ctx, store, memberID), createMember(ctx, store, spareMemberID),
		createWebhook(ctx, store, webhookID), createWebhook(ctx, store, spareWebhookID),
		createAutomation(ctx, store, automationID), createAutomation(ctx, store, spareAutomationID),
		createAgent(ctx, store, agentID, "Example Agent"),
		createAgent(ctx, store, draftAgentID, "Example Draft"),
		createAgent(ctx, store, spareAgentID, "Example Spare"),
	); err != nil {
		return err
	}
	deliveryErr := store.CreateDelivery(ctx, nil, delivery.Delivery{
		Ref: delivery.Ref{OrgID: orgID, Target: webhookID, ID: deliveryID}, EventID: "evt_example", Type: event.CreditsLow, Body: []byte("{}"),
		CreatedAt: time.Now(), NextAt: time.Now(), Status: delivery.Pending,
	})
	connectErr := errors.Join(connect(ctx, store, sealer), createHook(ctx, store, secrets))
	_, chatErr := dynamotest.Chat(ctx, store, agentID, inbox.Contact{
		ID: contactID, OrgID: orgID, ConnectionID: connectionID, Channel: connection.WhatsApp, Name: "Ann", Person: channel.Person{Address: "31612345679"}, LastSeen: time.Now(),
	}, time.Now())
	_, deployErr := store.DeployVersion(ctx, nil, orgID, agentID, versionID, madeAt)
	_, admitErr := store.Admit(ctx, turn.Admission{OrgID: orgID, KeyID: keyID, TurnID: deadTurnID, At: madeAt})
	_, toolsErr := store.ChangeDraft(ctx, nil, orgID, agentID, madeAt, func(v *agent.Version) error {
		v.Tools = []agent.Tool{tool(toolID, "hours"), tool(spareToolID, "spare")}
		return nil
	})
	return errors.Join(
		deliveryErr, connectErr, chatErr, deployErr, admitErr, toolsErr, createRuns(ctx, store),
		store.CreateThread(ctx, nil, thread.Thread{ID: threadID, OrgID: orgID, AgentID: agentID, CreatedAt: madeAt}),
		store.CreateThread(ctx, nil, thread.Thread{ID: spareThreadID, OrgID: orgID, AgentID: agentID, CreatedAt: madeAt}),
	)
}

func createAgent(ctx context.Context, store *dynamo.Store, id, name string) error {
	a, draft := agent.New(orgID, name, "", "You are a helpful assistant.", madeAt)
	a.ID, draft.ID = id, versionID
	return store.CreateAgent(ctx, nil, a, draft)
}

// tool returns a tool whose server does not answer.
func tool(id, name string) agent.Tool {
	return agent.Tool{
		ID: id, Type: agent.HTTPTool, Name: name, Description: "The opening hours of a day", Method: "GET", URL: "http://127.0.0.1:1/{{day}}",
		Parameters: []byte(`{"type":"object","properties":{"day":{"type":"string"}}}`), CreatedAt: madeAt, UpdatedAt: madeAt,
	}
}

func createKey(ctx context.Context, store *dynamo.Store, id string) error {
	_, key, err := identity.Mint(identity.Key{ID: id, OrgID: orgID, Name: "spare", Prefix: "af", CreatedAt: madeAt}, rand.Reader)
	if err != nil {
		return err
	}
	return store.CreateKey(ctx, nil, key)
}

func createMember(ctx context.Context, store *dynamo.Store, id string) error {
	return store.CreateUser(ctx, nil, identity.User{ID: id, OrgID: orgID, Email: id + "@example.com", Role: identity.Member, CreatedAt: madeAt})
}

// createWebhook stores a webhook whose secret is not encrypted: nothing is ever sent to it.
func createWebhook(ctx context.Context, store *dynamo.Store, id string) error {
	return store.CreateWebhook(ctx, nil, delivery.Webhook{
		ID: id, OrgID: orgID, URL: "http://127.0.0.1:1/", Events: event.Types, CreatedAt: madeAt,
	}, []byte("sealed"))
}

// createAutomation stores a draft that asks the first agent.
func createAutomation(ctx context.Context, store *dynamo.Store, id string) error {
	return store.CreateAutomation(ctx, nil, automation.Automation{
		ID: id, OrgID: orgID, Name: "Report", CreatedAt: madeAt, UpdatedAt: madeAt, Revision: 1,
		Draft: automation.Draft{Definition: automation.Definition{
			Trigger: automation.Trigger{Type: automation.Schedule, EveryMinutes: 15},
			Steps:   []automation.Step{{ID: "ask", Type: automation.Agent, AgentID: agentID, Prompt: "What is new?"}},
		}},
	})
}

// Token is the placeholder of a session token in the events. Only a running user pool can issue one.
const Token = "header.payload.signature"

// The log-in of the org's owner, here and in an event.
const (
	email    = "example@example.com"
	password = "Correct horse, battery 1"
)

// LogIn creates the owner of a seeded org and returns a session token.
func LogIn(ctx context.Context, store *dynamo.Store, users *cognito.Directory) (token string, err error) {
	members := &identity.Members{Directory: users, Store: store, Now: time.Now}
	if _, err := members.Add(ctx, nil, orgID, email, identity.Owner); err != nil {
		return "", err
	}
	if err := users.SetPassword(ctx, email, password, true); err != nil {
		return "", err
	}
	return users.SignIn(ctx, email, password, "")
}
