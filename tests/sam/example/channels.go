package example

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/dynamo"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/inbox"
)

const (
	connectionID      = "019b76da-a800-7000-8000-0000000000d3" // of WhatsApp
	spareConnectionID = "019b76da-a800-7000-8000-0000000000d4" // for deletion
	instagramID       = "019b76da-a800-7000-8000-0000000000d8"
	messengerID       = "019b76da-a800-7000-8000-0000000000d6"
	emailID           = "019b76da-a800-7000-8000-0000000000d9"
	twilioID          = "019b76da-a800-7000-8000-0000000000d7"
)

// The secrets that the webhooks of the events are signed with.
//
//nolint:gosec // they are examples
var (
	metaSecrets   = connection.Secrets{"access_token": "example-access-token", "app_secret": "example-app-secret", "verify_token": "example-verify-token"}
	mailSecrets   = connection.Secrets{"username": "example-user", "password": "example-password", connection.ReplyKey: "example-reply-key"}
	twilioSecrets = connection.Secrets{"auth_token": "example-auth-token"}
)

// connect stores the connections, what was sent and asked over them, and updates for workers.
func connect(ctx context.Context, store *dynamo.Store, sealer connection.Sealer) error {
	create := func(id string, c connection.Channel, secrets connection.Secrets, identifiers map[string]string) error {
		stored := connection.Connection{
			ID: id, OrgID: orgID, AgentID: agentID, Channel: c, Name: "Example", Credentials: 1,
			Identifiers: identifiers, Settings: connection.DefaultSettings(), RotatedAt: madeAt, CreatedAt: madeAt, UpdatedAt: madeAt,
		}
		sealed, err := connection.Seal(ctx, sealer, stored.Owner(), secrets)
		if err != nil {
			return err
		}
		return store.CreateConnection(ctx, nil, stored, sealed)
	}
	number := map[string]string{"phone_number_id": "106540352242922"}
	return errors.Join(
		create(connectionID, connection.WhatsApp, metaSecrets, number),
		create(spareConnectionID, connection.WhatsApp, metaSecrets, number),
		create(instagramID, connection.Instagram, metaSecrets, map[string]string{"account_id": "17841400000000000"}),
		create(messengerID, connection.Messenger, metaSecrets, map[string]string{"page_id": "104000000000001"}),
		create(twilioID, connection.Twilio, twilioSecrets, map[string]string{"account_sid": "AC00000000000000000000000000000000", "from": "+15551234567"}),
		create(emailID, connection.Email, mailSecrets, map[string]string{connection.ProviderField: string(connection.Postmark), "address": "help@example.com"}),
		createSend(ctx, store), createVerification(ctx, store),
		createUpdate(ctx, store, connection.WhatsApp, connectionID), createUpdate(ctx, store, connection.Twilio, twilioID),
		createUpdate(ctx, store, connection.Email, emailID),
	)
}

// createUpdate stores a message of a person, for a worker to file.
func createUpdate(ctx context.Context, store *dynamo.Store, c connection.Channel, id string) error {
	m := channel.Inbound{ID: "example", From: channel.Person{Address: "31612345678"}, Type: "text", Handling: channel.Answer, Text: "Do you rent shoes?"}
	if c == connection.Email {
		m.From.Address, m.Mail = "zoe@example.org", &channel.Mail{MessageID: "example@example.org", Subject: "Shoes"}
	}
	_, err := store.Receive(ctx, inbox.Received{
		Ref:    inbox.Ref{OrgID: orgID, Channel: c, ConnectionID: id, UpdateID: inbox.MessageUpdateID(m.ID)},
		Update: channel.Update{Message: &m}, At: time.Now(),
	})
	return err
}

// createSend stores a template that was sent already, under the Idempotency-Key of the event: an
// example reaches no Meta.
func createSend(ctx context.Context, store *dynamo.Store) error {
	const (
		path   = "/api/public/agent/" + agentID + "/waba"
		body   = `{"recipient_phone_number": "31612345678", "template_name": "hello_world", "language": "en_US"}`
		answer = `{"messaging_product":"whatsapp","contacts":[{"input":"31612345678","wa_id":"31612345678"}],"messages":[{"id":"wamid.HBgLMzE2MTIzNDU2NzgVAgARGBI"}]}`
	)
	key, err := idempotency.New(orgID, http.MethodPost, path, "order-4711", []byte(body))
	if err != nil {
		return err
	}
	_, err = store.BeginSend(ctx, channel.Send{
		OrgID: orgID, ID: key.ID, Digest: key.Body, Attempt: "example", ConnectionID: connectionID, State: channel.Sent, At: time.Now(), Answer: []byte(answer),
	})
	return err
}

// createVerification stores the answer to a verification, under the Idempotency-Key of the event: an
// example has no worker that could ask Meta.
func createVerification(ctx context.Context, store *dynamo.Store) error {
	const (
		path   = "/api/v1/connections/" + connectionID + "/verify"
		answer = `{"success":true,"data":{"id":"` + connectionID + `","type":"whatsapp","agent_id":"` + agentID + `","name":"Example","status":"active",` +
			`"disabled_reason":null,"problem":null,"verification":{"passed":true,"checked_at":"2026-01-01T00:00:00Z","problems":[]},` +
			`"identifiers":{"phone_number_id":"106540352242922"},` +
			`"settings":{"quiet_seconds":2,"unsupported_text":"I can read text only.","fallback_template":null,"public_url":null},` +
			`"webhook_url":"https://api.example.com/api/webhooks/whatsapp/` + connectionID + `","setup":[],` +
			`"credentials_rotated_at":"2026-01-01T00:00:00Z","created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z"}}`
	)
	key, err := idempotency.New(orgID, http.MethodPost, path, "verification-4711", nil)
	if err != nil {
		return err
	}
	return store.KeepAnswer(ctx, &idempotency.Change{Key: key, Answer: func(any) (idempotency.Answer, error) {
		return idempotency.Answer{Status: http.StatusOK, Body: []byte(answer)}, nil
	}}, nil)
}
