package sam

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"
)

func TestTemplate_UserPools(t *testing.T) {
	template := loadTestTemplate(t, nil)
	pools, clients := template.UserPools(), template.UserPoolClients()
	if len(pools) != 1 || len(clients) != 1 {
		t.Fatalf("got %d pools and %d clients, want 1 and 1", len(pools), len(clients))
	}
	pool, client := pools[0], clients[0]
	policy := pool.Create.Policies.PasswordPolicy
	if pool.ID != "us-east-1_Users" || aws.ToString(pool.Create.PoolName) != "users-test" ||
		pool.Create.UsernameAttributes[0] != types.UsernameAttributeTypeEmail || !pool.Create.AdminCreateUserConfig.AllowAdminCreateUserOnly ||
		aws.ToInt32(policy.MinimumLength) != 12 || policy.RequireSymbols {
		t.Errorf("got pool %+v, want users-test as the template describes it", pool.Create)
	}
	if client.ID != "Client" || aws.ToString(client.Create.ClientName) != "Client" || aws.ToString(client.Create.UserPoolId) != pool.ID ||
		client.Create.ExplicitAuthFlows[0] != types.ExplicitAuthFlowsTypeAllowUserPasswordAuth ||
		aws.ToInt32(client.Create.IdTokenValidity) != 12 || client.Create.TokenValidityUnits.IdToken != types.TimeUnitsTypeHours {
		t.Errorf("got client %+v, want Client as the template describes it", client.Create)
	}
}

// References in the template resolve to the ids that the local AWS has generated.
func TestUserPools_ChosenIDs(t *testing.T) {
	template, err := LoadFor("../testdata/template.yaml", nil, DefaultEndpoint, map[string]string{"Users": "us-east-1_abc", "Client": "xyz"})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range template.Functions() {
		if f.Name != "slow" {
			continue
		}
		got := map[string]string{}
		for _, name := range []string{"USERS", "CLIENT", "USERS_ARN", "USERS_URL"} {
			got[name] = f.Environment[name]
		}
		want := map[string]string{
			"USERS": "us-east-1_abc", "CLIENT": "xyz",
			"USERS_ARN": "arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_abc",
			"USERS_URL": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_abc",
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("environment (-want +got):\n%s", d)
		}
	}
	if id := template.UserPools()[0].ID; id != "us-east-1_abc" {
		t.Errorf("got pool id %s, want us-east-1_abc", id)
	}
}
