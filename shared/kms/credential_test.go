package kms_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/awscall"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/kms"
)

func TestMain(m *testing.M) { dynamotest.Main(m) }

// newBox returns a box with a key of its own in the local KMS.
func newBox(t *testing.T) kms.Box {
	t.Helper()
	box := kms.Box{KMS: awscall.Service{
		Config: aws.Config{
			Region: "us-east-1", BaseEndpoint: aws.String(dynamotest.Endpoint()), HTTPClient: http.DefaultClient,
			Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: "x", SecretAccessKey: "x"}, nil
			}),
		},
		Name: "kms", Now: time.Now,
	}}
	var made struct {
		KeyMetadata struct {
			KeyID string `json:"KeyId"`
		}
	}
	if err := box.KMS.JSON(t.Context(), "TrentService.CreateKey", struct{}{}, &made); err != nil {
		t.Fatal(err)
	}
	box.KeyID = made.KeyMetadata.KeyID
	return box
}

// A credential opens for the org, connection, channel and name that it was sealed for, and
// for nothing else; a secret that signs is no credential.
func TestCredential_OpensForItsOwnerOnly(t *testing.T) {
	box := newBox(t)
	owner := connection.Owner{OrgID: "o", ConnectionID: "c", Channel: connection.WhatsApp}
	sealed, err := connection.Seal(t.Context(), box, owner, connection.Secrets{"app_secret": "s", "access_token": "t"})
	if err != nil || len(sealed) != 2 {
		t.Fatalf("got %d sealed, %v; want 2", len(sealed), err)
	}
	if got, err := box.OpenCredential(t.Context(), owner, "app_secret", sealed["app_secret"]); err != nil || got != "s" {
		t.Errorf(`got %q, %v; want "s"`, got, err)
	}
	for what, change := range map[string]func(*connection.Owner){
		"another org":        func(o *connection.Owner) { o.OrgID = "p" },
		"another connection": func(o *connection.Owner) { o.ConnectionID = "d" },
		"another channel":    func(o *connection.Owner) { o.Channel = connection.Messenger },
	} {
		other := owner
		change(&other)
		if got, err := box.OpenCredential(t.Context(), other, "app_secret", sealed["app_secret"]); err == nil {
			t.Errorf("%s: got %q, want a refusal", what, got)
		}
	}
	if got, err := box.OpenCredential(t.Context(), owner, "verify_token", sealed["app_secret"]); err == nil {
		t.Errorf("another name: got %q, want a refusal", got)
	}
	if got, err := box.Open(t.Context(), "o", sealed["app_secret"]); err == nil {
		t.Errorf("as a signing secret: got %q, want a refusal", got)
	}
}

// A secret of an agent opens for its org, agent and purpose, and for nothing else.
func TestAgentSecret_OpensForItsAgentOnly(t *testing.T) {
	box := newBox(t)
	sealed, err := box.SealAgentSecret(t.Context(), "o", "a", agent.ProviderSecret, "s")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := box.OpenAgentSecret(t.Context(), "o", "a", agent.ProviderSecret, sealed); err != nil || got != "s" {
		t.Errorf(`got %q, %v; want "s"`, got, err)
	}
	for what, open := range map[string]func() (string, error){
		"another org": func() (string, error) {
			return box.OpenAgentSecret(t.Context(), "p", "a", agent.ProviderSecret, sealed)
		},
		"another agent": func() (string, error) {
			return box.OpenAgentSecret(t.Context(), "o", "b", agent.ProviderSecret, sealed)
		},
		"another purpose":  func() (string, error) { return box.OpenAgentSecret(t.Context(), "o", "a", agent.HeaderSecret, sealed) },
		"a signing secret": func() (string, error) { return box.Open(t.Context(), "o", sealed) },
	} {
		if got, err := open(); err == nil {
			t.Errorf("%s: got %q, want a refusal", what, got)
		}
	}
}
