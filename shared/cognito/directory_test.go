package cognito_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/quintet-agents/quintet/shared/cognito/cognitotest"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/identity"
)

func TestMain(m *testing.M) { dynamotest.Main(m) }

const email, temporary = "somebody@example.com", "Temporary, as 1 is"

func TestCreateUser_Invitation(t *testing.T) {
	p := cognitotest.Open(t)
	id, err := p.CreateUser(t.Context(), email)
	if err != nil || id == "" {
		t.Fatalf("got id %q, %v; want one", id, err)
	}
	if again, err := p.CreateUser(t.Context(), email); err != nil || again != id {
		t.Errorf("second invitation: got %q, %v; want %q", again, err, id)
	}
	if err := p.SetPassword(t.Context(), email, temporary, false); err != nil {
		t.Fatal(err)
	}
	signIn := func(password, chosen string) error {
		t.Helper()
		_, err := p.SignIn(t.Context(), email, password, chosen)
		return err
	}
	if err := signIn(temporary, ""); !fault.Is(err, fault.Forbidden) {
		t.Errorf("temporary password: got %v, want Forbidden", err)
	}
	if err := signIn("wrong", "Chosen, for good: 1"); !fault.Is(err, fault.Unauthorized) {
		t.Errorf("wrong password: got %v, want Unauthorized", err)
	}
	if err := signIn(temporary, "Chosen, for good: 1"); err != nil {
		t.Fatal(err)
	}
	if err := signIn(temporary, "Chosen, for good: 1"); !fault.Is(err, fault.Unauthorized) {
		t.Errorf("replaced temporary password: got %v, want Unauthorized", err)
	}
	if err := signIn("Chosen, for good: 1", ""); err != nil {
		t.Errorf("chosen password: got %v, want no error", err)
	}
	for range 2 {
		if err := p.DeleteUser(t.Context(), id); err != nil {
			t.Errorf("delete: %v", err)
		}
	}
	if err := signIn("Chosen, for good: 1", ""); !fault.Is(err, fault.Unauthorized) {
		t.Errorf("deleted user: got %v, want Unauthorized", err)
	}
	if second, err := p.CreateUser(t.Context(), email); err != nil || second == id {
		t.Errorf("after deletion: got id %q, %v, want a new id", second, err)
	}
}

// Refusals do not reveal whether a user exists or which state it is in.
func TestSignIn_UniformRefusals(t *testing.T) {
	p := cognitotest.Open(t)
	table := dynamotest.Open(t)
	org := table.Org(t, 0)
	known, disabled := p.User(t, table, org, identity.Member), p.User(t, table, org, identity.Member)
	_, err := p.API.AdminDisableUser(t.Context(), &idp.AdminDisableUserInput{UserPoolId: aws.String(p.ID), Username: &disabled.Email})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ email, password string }{
		"wrong password": {known.Email, "wrong"},
		"no password":    {known.Email, ""},
		"unknown user":   {"nobody@example.com", "wrong"},
		"no address":     {"\x7f", "wrong"},
		"disabled user":  {disabled.Email, cognitotest.Password},
	} {
		_, err := p.SignIn(t.Context(), c.email, c.password, "")
		if e := fault.From(err); e == nil || e.Code != fault.Unauthorized || e.Message != identity.ErrWrongPassword.Message {
			t.Errorf("%s: got %v, want %v", name, err, identity.ErrWrongPassword)
		}
	}
}

func TestCreateUser_InvalidAddress(t *testing.T) {
	if _, err := cognitotest.Open(t).CreateUser(t.Context(), "nobody"); !fault.Is(err, fault.Invalid) || fault.From(err).Field != "email" {
		t.Errorf("got %v, want Invalid of field email", err)
	}
}
