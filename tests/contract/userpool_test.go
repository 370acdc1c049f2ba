package contract_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/identity"
)

// The user pool has the settings that the code relies on: nobody can sign up or find out who is a
// user, and the pool accepts every password that the code accepts.
func TestUserPool(t *testing.T) {
	pool, client := template(t).UserPools()[0].Create, template(t).UserPoolClients()[0].Create
	policy := pool.Policies.PasswordPolicy
	if got := *policy.MinimumLength; got != identity.MinPassword {
		t.Errorf("got a minimum password length of %d, want %d as in the code", got, identity.MinPassword)
	}
	if policy.RequireLowercase || policy.RequireUppercase || policy.RequireNumbers || policy.RequireSymbols {
		t.Errorf("got policy %+v, want only a length", policy)
	}
	if !pool.AdminCreateUserConfig.AllowAdminCreateUserOnly || *pool.UsernameConfiguration.CaseSensitive ||
		len(pool.UsernameAttributes) != 1 || pool.UsernameAttributes[0] != types.UsernameAttributeTypeEmail {
		t.Error("got sign-up or other user names, want users by invitation and email only")
	}
	if client.PreventUserExistenceErrors != types.PreventUserExistenceErrorTypesEnabled || !client.GenerateSecret ||
		len(client.ExplicitAuthFlows) != 1 || client.ExplicitAuthFlows[0] != types.ExplicitAuthFlowsTypeAllowUserPasswordAuth {
		t.Errorf("got client %+v, want a secret and no hint about unknown users", client)
	}
	// A user's own access token must not change the email address of the log-in.
	if d := cmp.Diff([]string{"nickname"}, client.WriteAttributes); d != "" {
		t.Errorf("attributes that users may write (-want +got):\n%s", d)
	}
	if s := pool.UserAttributeUpdateSettings; s == nil || len(s.AttributesRequireVerificationBeforeUpdate) != 1 ||
		s.AttributesRequireVerificationBeforeUpdate[0] != types.VerifiedAttributeTypeEmail {
		t.Errorf("got settings %+v, want an address verified before it is used", s)
	}
}
