package contract_test

import (
	"strconv"
	"testing"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/awscall"
	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/shared/kms"
)

// ownRoleARN is the role of an org's own Bedrock.
const ownRoleARN = "arn:aws:iam::210987654321:role/quintet-models"

// ownKey sets an own Bedrock with a key, assumed one with a role, and hosted undoes it.
func (w *world) ownKey(t *testing.T, agentID, orgID string) func(*agent.Settings) {
	t.Helper()
	box := kms.Box{
		KMS:   awscall.Service{Config: w.deps(dynamotest.Endpoint(), "").ColdAWS(dynamotest.Endpoint()), Name: "kms", Now: w.Now},
		KeyID: w.chosen["SecretsKey"],
	}
	sealed, err := box.SealAgentSecret(t.Context(), orgID, agentID, agent.ProviderSecret, "bedrock-api-key-1")
	if err != nil {
		t.Fatal(err)
	}
	return func(s *agent.Settings) {
		*s = agent.Settings{Provider: agent.Bedrock, Model: "scripted", Region: "us-east-1", ProviderKey: sealed}
	}
}

func assumed(s *agent.Settings) {
	*s = agent.Settings{Provider: agent.Bedrock, Model: "scripted", Region: "us-east-1", RoleARN: ownRoleARN}
}

func hosted(s *agent.Settings) { *s = agent.Settings{Temperature: agent.DefaultTemperature} }

// provide deploys other settings of an agent.
func (w *world) provide(t *testing.T, orgID, agentID string, change func(*agent.Settings)) {
	t.Helper()
	draft, err := w.Store.ChangeDraft(t.Context(), nil, orgID, agentID, w.Now(), func(v *agent.Version) error {
		change(&v.Settings)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Store.DeployVersion(t.Context(), nil, orgID, agentID, draft.ID, w.Now()); err != nil {
		t.Fatal(err)
	}
}

// addProviders creates an agent with a key and one with a role.
func (w *world) addProviders(t *testing.T) {
	t.Helper()
	keyed, assuming := w.Agent(t, w.org, "be brief"), w.Agent(t, w.org, "be brief")
	w.provide(t, w.org, keyed.ID, w.ownKey(t, keyed.ID, w.org))
	w.provide(t, w.org, assuming.ID, assumed)
	w.names["OWN_KEY_AGENT"], w.names["OWN_KEY_THREAD"] = keyed.ID, w.Thread(t, keyed).ID
	w.names["OWN_ROLE_AGENT"], w.names["OWN_ROLE_THREAD"] = assuming.ID, w.Thread(t, assuming).ID
}

// ownChats returns chats that wait for an answer on a connection, whose agent gets each own
// provider in turn. handle handles the work.
func (w *world) ownChats(t *testing.T, name string, handle func([]any)) {
	t.Helper()
	c, err := w.Store.Locate(t.Context(), w.names[name])
	if err != nil {
		t.Fatal(err)
	}
	defer w.provide(t, c.OrgID, c.AgentID, hosted)
	for n, change := range []func(*agent.Settings){w.ownKey(t, c.AgentID, c.OrgID), assumed} {
		w.provide(t, c.OrgID, c.AgentID, change)
		ref := inbox.Ref{OrgID: c.OrgID, Channel: c.Channel, ConnectionID: c.ID, ChatID: connection.NewID()}
		m := channel.Inbound{ID: connection.NewID(), From: channel.Person{Address: "+3163000000" + strconv.Itoa(n)}, Type: "text", Handling: channel.Answer, Text: "hello"}
		if c.Channel == connection.Email {
			m.From.Address = "own" + strconv.Itoa(n) + "@example.com"
			m.Mail = &channel.Mail{MessageID: m.ID + "@example.com", Subject: "Shoes"}
		}
		chat, _ := w.waiting(t, ref, ref.ChatID, m)
		if rested, err := w.Store.RestChat(t.Context(), chat, w.Now()); err != nil || !rested {
			t.Fatalf("got %t, %v, want a free chat", rested, err)
		}
		handle([]any{ref})
	}
}
