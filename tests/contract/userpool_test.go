package contract_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/identity"
)

// The user pool holds what the code relies on: nobody signs up by themselves or
// learns who is a user, and a password that we take is one that it takes.
func TestUserPool(t *testing.T) {
	pool, client := template(t).UserPools()[0].Create, template(t).UserPoolClients()[0].Create
	policy := pool.Policies.PasswordPolicy
	if got := *policy.MinimumLength; got != identity.MinPassword {
		t.Errorf("passwords have at least %d characters in the pool, %d in the code", got, identity.MinPassword)
	}
	if policy.RequireLowercase || policy.RequireUppercase || policy.RequireNumbers || policy.RequireSymbols {
		t.Errorf("the pool wants more than length: %+v", policy)
	}
	if !pool.AdminCreateUserConfig.AllowAdminCreateUserOnly || *pool.UsernameConfiguration.CaseSensitive ||
		len(pool.UsernameAttributes) != 1 || pool.UsernameAttributes[0] != types.UsernameAttributeTypeEmail {
		t.Error("the pool's users are not those that owners invite by email")
	}
	if client.PreventUserExistenceErrors != types.PreventUserExistenceErrorTypesEnabled || !client.GenerateSecret ||
		len(client.ExplicitAuthFlows) != 1 || client.ExplicitAuthFlows[0] != types.ExplicitAuthFlowsTypeAllowUserPasswordAuth {
		t.Errorf("the client is %+v", client)
	}
	// A user's own access token must not change the address that the user logs in by.
	if d := cmp.Diff([]string{"nickname"}, client.WriteAttributes); d != "" {
		t.Errorf("attributes that users may write (-want +got):\n%s", d)
	}
	if s := pool.UserAttributeUpdateSettings; s == nil || len(s.AttributesRequireVerificationBeforeUpdate) != 1 ||
		s.AttributesRequireVerificationBeforeUpdate[0] != types.VerifiedAttributeTypeEmail {
		t.Errorf("an address counts before it is verified: %+v", s)
	}
}
