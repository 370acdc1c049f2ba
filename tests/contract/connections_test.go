package contract_test

import (
	"testing"

	"github.com/quintet-agents/quintet/shared/boot/later"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/ledger"
)

// addConnections makes a neighbour's connection, and an org with as many as it can have.
func (w *world) addConnections(t *testing.T, other string) {
	t.Helper()
	w.names["OTHER_CONNECTION"] = w.connection(t, other, w.names["OTHER_AGENT"], connection.WhatsApp)
	full := w.Org(t, ledger.Credit)
	w.names["FULL_AGENT"] = w.Agent(t, full, "be full").ID
	for range connection.MaxConnections {
		w.connection(t, full, w.names["FULL_AGENT"], connection.WhatsApp)
	}
	w.names["FULL_CONNECTIONS_KEY"], _ = w.Key(t, full, "")
}

// renewConnections leaves the world's org with four connections: an active one, one that its
// provider refuses, one without secrets, and one whose agent was deleted.
func (w *world) renewConnections(t *testing.T) {
	t.Helper()
	old, err := w.Store.Connections(t.Context(), w.org, "", connection.MaxConnections)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range old {
		if err := w.Store.DeleteConnection(t.Context(), nil, w.org, c.ID); err != nil {
			t.Fatal(err)
		}
	}
	gone := w.Agent(t, w.org, "be gone").ID
	w.names["ORPHAN"] = w.connection(t, w.org, gone, connection.Messenger)
	if err := w.Store.DeleteAgent(t.Context(), nil, w.org, gone); err != nil {
		t.Fatal(err)
	}
	w.names["CONNECTION"] = w.connection(t, w.org, w.names["SECOND_AGENT"], connection.WhatsApp)
	w.names["SES_CONNECTION"] = w.connection(t, w.org, w.names["SECOND_AGENT"], connection.Email)
	w.names["REFUSED_CONNECTION"] = w.connection(t, w.org, w.names["SECOND_AGENT"], connection.Instagram)
	p := connection.Problem{Code: "190", Message: "The access token has expired.", Action: "Rotate the access token.", Since: w.Now()}
	if err := w.Store.ReportProblem(t.Context(), w.org, w.names["REFUSED_CONNECTION"], 1, p); err != nil {
		t.Fatal(err)
	}
}

// connection stores a connection with a sealed secret; one of mail has none.
func (w *world) connection(t *testing.T, org, agentID string, channel connection.Channel) string {
	t.Helper()
	c := connection.Connection{
		ID: connection.NewID(), OrgID: org, AgentID: agentID, Channel: channel, Name: "Shop", Credentials: 1,
		Identifiers: map[string]string{}, Settings: connection.DefaultSettings(), RotatedAt: w.Now(), CreatedAt: w.Now(), UpdatedAt: w.Now(),
	}
	secrets := connection.Secrets{"access_token": "t"}
	if channel == connection.Email {
		c.Identifiers[connection.ProviderField], secrets = string(connection.SES), nil
	}
	sealed, err := connection.Seal(t.Context(), later.Credentials(w.deps(dynamotest.Endpoint(), "")), c.Owner(), secrets)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Store.CreateConnection(t.Context(), nil, c, sealed); err != nil {
		t.Fatal(err)
	}
	return c.ID
}
