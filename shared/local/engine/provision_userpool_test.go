package engine

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/local/sam"
)

// fakeUserPools is a Cognito with pools and clients by name.
type fakeUserPools struct {
	pools, clients map[string]string
	calls          []string
}

func (f *fakeUserPools) ListUserPools(_ context.Context, in *cognito.ListUserPoolsInput, _ ...func(*cognito.Options)) (*cognito.ListUserPoolsOutput, error) {
	if in.NextToken == nil {
		return &cognito.ListUserPoolsOutput{NextToken: aws.String("more")}, nil
	}
	out := &cognito.ListUserPoolsOutput{}
	for name, id := range f.pools {
		out.UserPools = append(out.UserPools, types.UserPoolDescriptionType{Name: &name, Id: &id})
	}
	return out, nil
}

func (f *fakeUserPools) ListUserPoolClients(_ context.Context, in *cognito.ListUserPoolClientsInput, _ ...func(*cognito.Options)) (*cognito.ListUserPoolClientsOutput, error) {
	out := &cognito.ListUserPoolClientsOutput{}
	for name, id := range f.clients {
		out.UserPoolClients = append(out.UserPoolClients, types.UserPoolClientDescription{ClientName: &name, ClientId: &id, UserPoolId: in.UserPoolId})
	}
	return out, nil
}

func (f *fakeUserPools) CreateUserPool(_ context.Context, in *cognito.CreateUserPoolInput, _ ...func(*cognito.Options)) (*cognito.CreateUserPoolOutput, error) {
	name := aws.ToString(in.PoolName)
	f.calls = append(f.calls, "create pool "+name)
	f.pools[name] = "id-of-" + name
	return &cognito.CreateUserPoolOutput{UserPool: &types.UserPoolType{Id: aws.String(f.pools[name])}}, nil
}

func (f *fakeUserPools) UpdateUserPool(_ context.Context, in *cognito.UpdateUserPoolInput, _ ...func(*cognito.Options)) (*cognito.UpdateUserPoolOutput, error) {
	f.calls = append(f.calls, "update pool "+aws.ToString(in.UserPoolId))
	if aws.ToInt32(in.Policies.PasswordPolicy.MinimumLength) != 12 {
		f.calls = append(f.calls, "without its policy")
	}
	return &cognito.UpdateUserPoolOutput{}, nil
}

func (f *fakeUserPools) CreateUserPoolClient(_ context.Context, in *cognito.CreateUserPoolClientInput, _ ...func(*cognito.Options)) (*cognito.CreateUserPoolClientOutput, error) {
	name := aws.ToString(in.ClientName)
	f.calls = append(f.calls, "create client "+name+" of "+aws.ToString(in.UserPoolId))
	f.clients[name] = "id-of-" + name
	return &cognito.CreateUserPoolClientOutput{UserPoolClient: &types.UserPoolClientType{ClientId: aws.String(f.clients[name])}}, nil
}

func (f *fakeUserPools) UpdateUserPoolClient(_ context.Context, in *cognito.UpdateUserPoolClientInput, _ ...func(*cognito.Options)) (*cognito.UpdateUserPoolClientOutput, error) {
	f.calls = append(f.calls, "update client "+aws.ToString(in.ClientId)+" of "+aws.ToString(in.UserPoolId))
	return &cognito.UpdateUserPoolClientOutput{}, nil
}

func TestProvision_UserPools(t *testing.T) {
	template := testTemplate(t)
	fake := &fakeUserPools{pools: map[string]string{"another": "a"}, clients: map[string]string{"another": "b"}}
	for _, want := range [][]string{
		{"create pool users-test", "create client Client of id-of-users-test"},
		{"update pool id-of-users-test", "update client id-of-Client of id-of-users-test"},
	} {
		fake.calls = nil
		ids, err := provisionUserPools(t.Context(), template, fake)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, fake.calls); d != "" {
			t.Errorf("calls (-want +got):\n%s", d)
		}
		if d := cmp.Diff(map[string]string{"Users": "id-of-users-test", "Client": "id-of-Client"}, ids); d != "" {
			t.Errorf("ids (-want +got):\n%s", d)
		}
	}
}

func TestProvision_ClientOfUnknownPool(t *testing.T) {
	path := filepath.Join(t.TempDir(), "template.yaml")
	if err := os.WriteFile(path, []byte(`
Resources:
  Client:
    Type: AWS::Cognito::UserPoolClient
    Properties: {UserPoolId: us-east-1_elsewhere}
`), 0o600); err != nil {
		t.Fatal(err)
	}
	template, err := sam.Load(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = provisionUserPools(t.Context(), template, &fakeUserPools{})
	if err == nil || !strings.Contains(err.Error(), `no user pool "us-east-1_elsewhere"`) {
		t.Errorf(`got error %v, want no user pool "us-east-1_elsewhere"`, err)
	}
}
