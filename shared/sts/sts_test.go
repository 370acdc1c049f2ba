package sts_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/awscall"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/sts"
)

func TestMain(m *testing.M) { dynamotest.Main(m) }

const role = "arn:aws:iam::210987654321:role/quintet-models"

func at(endpoint string) sts.Client {
	return sts.Client{STS: awscall.Service{
		Config: aws.Config{
			Region: "us-east-1", BaseEndpoint: &endpoint, HTTPClient: http.DefaultClient,
			Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
			}),
		},
		Name: "sts", Now: time.Now,
	}}
}

// A real engine returns credentials that expire, and refuses a name that is no role.
func TestAssume(t *testing.T) {
	c := at(dynamotest.Endpoint())
	got, err := c.Assume(t.Context(), role, "org", "quintet")
	if err != nil {
		t.Fatal(err)
	}
	if left := time.Until(got.Expires); got.AccessKeyID == "" || got.SecretAccessKey == "" || got.SessionToken == "" || !got.CanExpire || left < 59*time.Minute || left > 61*time.Minute {
		t.Errorf("got %v credentials that expire in %s, want some for an hour", got.HasKeys(), left)
	}
	_, err = c.Assume(t.Context(), "arn:aws:iam::1:user/x", "org", "quintet")
	if refusal, ok := errors.AsType[*awscall.RefusedError](err); !ok || refusal.Code == "" || refusal.Status < 400 {
		t.Errorf("got %v, want a refusal with its code", err)
	}
}

// The call has the fields that the role's owner relies on.
func TestAssume_Wire(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		want := map[string][]string{
			"Action": {"AssumeRole"}, "Version": {"2011-06-15"}, "RoleArn": {role}, "ExternalId": {"org"}, "RoleSessionName": {"quintet"}, "DurationSeconds": {"3600"},
		}
		if d := cmp.Diff(want, map[string][]string(r.PostForm)); d != "" {
			t.Errorf("fields (-want +got):\n%s", d)
		}
		if !strings.Contains(r.Header.Get("Authorization"), "/sts/aws4_request") {
			t.Errorf("got Authorization %s, want a signature for sts", r.Header.Get("Authorization"))
		}
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not authorized to perform: sts:AssumeRole</Message></Error></ErrorResponse>`)
	}))
	t.Cleanup(server.Close)
	_, err := at(server.URL).Assume(t.Context(), role, "org", "quintet")
	refusal, ok := errors.AsType[*awscall.RefusedError](err)
	if want := (awscall.RefusedError{Service: "sts", Status: 403, Code: "AccessDenied", Message: "not authorized to perform: sts:AssumeRole"}); !ok || *refusal != want {
		t.Errorf("got %v, want %v", err, &want)
	}
}

// An answer without credentials is an error, not empty credentials.
func TestAssume_NoCredentials(t *testing.T) {
	for _, body := range []string{"", "{}", "<AssumeRoleResponse></AssumeRoleResponse>", "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>a</AccessKeyId></Credentials></AssumeRoleResult></AssumeRoleResponse>"} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) }))
		if got, err := at(server.URL).Assume(t.Context(), role, "org", "quintet"); err == nil {
			t.Errorf("%q: got %v, want an error", body, got.HasKeys())
		}
		server.Close()
	}
}
