package contract_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"

	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/boot/later"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/ledger"
)

// addConnections creates an agent for templates, a neighbour's connection, and an org at its limit
// of connections.
func (w *world) addConnections(t *testing.T, other string) {
	t.Helper()
	w.names["OTHER_CONNECTION"] = w.connection(t, other, w.names["OTHER_AGENT"], connection.WhatsApp)
	w.names["TEMPLATE_AGENT"] = w.Agent(t, w.org, "be brief").ID
	full := w.Org(t, ledger.Credit)
	w.names["FULL_AGENT"] = w.Agent(t, full, "be full").ID
	for range connection.MaxConnections {
		w.connection(t, full, w.names["FULL_AGENT"], connection.WhatsApp)
	}
	w.names["FULL_CONNECTIONS_KEY"], _ = w.Key(t, full, "")
}

// renewConnections leaves the world's org with six connections: three active ones, one that its
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
	w.connection(t, w.org, w.names["TEMPLATE_AGENT"], connection.WhatsApp)
	w.names["SES_CONNECTION"] = w.connection(t, w.org, w.names["SECOND_AGENT"], connection.Email)
	w.names["TWILIO_CONNECTION"] = w.connection(t, w.org, w.names["SECOND_AGENT"], connection.Twilio)
	w.names["REFUSED_CONNECTION"] = w.connection(t, w.org, w.names["SECOND_AGENT"], connection.Instagram)
	p := connection.Problem{Code: "190", Message: "The access token has expired.", Action: "Rotate the access token.", Since: w.Now()}
	if err := w.Store.ReportProblem(t.Context(), w.org, w.names["REFUSED_CONNECTION"], 1, p); err != nil {
		t.Fatal(err)
	}
}

// aNumber is the id of a WhatsApp number.
const aNumber = "106540352242922"

// connection stores a connection with a sealed secret; one of mail has none.
func (w *world) connection(t *testing.T, org, agentID string, channel connection.Channel) string {
	t.Helper()
	c := connection.Connection{
		ID: connection.NewID(), OrgID: org, AgentID: agentID, Channel: channel, Name: "Shop", Credentials: 1,
		Identifiers: map[string]string{"phone_number_id": aNumber, "from": "+15551234567", "account_sid": twilioAccount.SID}, Settings: connection.DefaultSettings(), RotatedAt: w.Now(), CreatedAt: w.Now(), UpdatedAt: w.Now(),
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

// A secret is in no answer, no log line at any level and no item of the table, whether it is
// accepted, refused, or cannot be sealed.
func TestCredentials_ShownNowhere(t *testing.T) {
	var log bytes.Buffer
	was := slog.Default()
	defer slog.SetDefault(was)
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	w := newWorld(t)
	whole := w.deps(dynamotest.Endpoint(), "")
	keyless := w.deps(dynamotest.Endpoint(), "").Config()
	keyless.SecretsKey = "no such key"
	const secret = "kept-to-ourselves"
	create := but(aWhatsApp, `"EAAG"`, `"`+secret+`"`)
	for name, c := range map[string]struct {
		deps     *boot.Deps
		exchange exchange
	}{
		"created":     {whole, exchange{function: "manage-connection-create", method: post, path: "/api/v1/connections", body: create, header: once, status: 201}},
		"rotated":     {whole, exchange{function: "manage-connection-rotate", method: post, path: rotationPath, body: but(aRotation, "EAAH", secret), header: once, status: 200}},
		"refused":     {whole, exchange{function: "manage-connection-create", method: post, path: "/api/v1/connections", body: but(create, secret, secret+" "), status: 400}},
		"misplaced":   {whole, exchange{function: "manage-connection-create", method: post, path: "/api/v1/connections", body: but(aWhatsApp, "106540352242922", secret), status: 400}},
		"not sealed":  {boot.NewDeps(keyless), exchange{function: "manage-connection-create", method: post, path: "/api/v1/connections", body: create, status: 500}},
		"not rotated": {boot.NewDeps(keyless), exchange{function: "manage-connection-rotate", method: post, path: rotationPath, body: but(aRotation, "EAAH", secret), status: 500}},
	} {
		w.names["REQUEST"] = name
		a := buffered(t, newProduct(t, c.deps), w, c.exchange)
		if a.Status != c.exchange.status {
			t.Errorf("%s: status %d, want %d: %s", name, a.Status, c.exchange.status, a.Body)
		}
		if strings.Contains(a.Body, secret) {
			t.Errorf("%s: the answer has the secret: %s", name, a.Body)
		}
	}
	if strings.Contains(log.String(), secret) || log.Len() == 0 {
		t.Errorf("the log has the secret, or nothing: %s", log.String())
	}
	items, err := json.Marshal(w.plainItems(t))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(items), secret) || !strings.Contains(string(items), "106540352242922") {
		t.Error("the table has the secret in plain text, or not the identifier")
	}
}

// plainItems returns the items of the table as maps.
func (w *world) plainItems(t *testing.T) []map[string]any {
	t.Helper()
	var items []map[string]any
	if err := attributevalue.UnmarshalListOfMaps(w.Items(t), &items); err != nil {
		t.Fatal(err)
	}
	for _, it := range items {
		if sealed, ok := it["sealed"].(map[string]any); ok {
			for name, bytes := range sealed {
				sealed[name] = string(bytes.([]byte)) // as they are, rather than in base64
			}
		}
	}
	return items
}

// A mail connection has a key that signs its replies, sealed like the secrets that were given,
// and a rotation keeps it.
func TestCredentials_ReplyKey(t *testing.T) {
	w := newWorld(t)
	deps := w.deps(dynamotest.Endpoint(), "")
	body := `{"type":"email","agent_id":"` + w.names["AGENT"] + `","name":"Help","credentials":{"provider":"mailgun","address":"help@example.com","signing_key":"k"}}`
	a := buffered(t, newProduct(t, deps), w, exchange{function: "manage-connection-create", method: post, path: "/api/v1/connections", body: body, status: 201})
	var created struct{ Data struct{ ID string } }
	if err := json.Unmarshal([]byte(a.Body), &created); err != nil {
		t.Fatal(err)
	}
	sealed, err := w.Store.Credentials(t.Context(), w.org, created.Data.ID)
	if err != nil || len(sealed) != 2 || len(sealed[connection.ReplyKey]) == 0 {
		t.Fatalf("got %d secrets, %v, want signing_key and reply_key", len(sealed), err)
	}
	buffered(t, newProduct(t, deps), w, exchange{
		function: "manage-connection-rotate", method: post, path: "/api/v1/connections/" + created.Data.ID + "/rotate-credentials", body: `{"credentials":{"signing_key":"l"}}`, status: 200,
	})
	rotated, err := w.Store.Credentials(t.Context(), w.org, created.Data.ID)
	if err != nil || !bytes.Equal(rotated[connection.ReplyKey], sealed[connection.ReplyKey]) || bytes.Equal(rotated["signing_key"], sealed["signing_key"]) {
		t.Errorf("got %v after the rotation, want the same reply_key and another signing_key", err)
	}
}
