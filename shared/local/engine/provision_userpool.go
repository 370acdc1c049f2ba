package engine

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/quintet-agents/quintet/shared/local/sam"
)

// userPoolAPI has the calls of Cognito that provisioning needs.
type userPoolAPI interface {
	cognito.ListUserPoolsAPIClient
	cognito.ListUserPoolClientsAPIClient
	CreateUserPool(context.Context, *cognito.CreateUserPoolInput, ...func(*cognito.Options)) (*cognito.CreateUserPoolOutput, error)
	UpdateUserPool(context.Context, *cognito.UpdateUserPoolInput, ...func(*cognito.Options)) (*cognito.UpdateUserPoolOutput, error)
	CreateUserPoolClient(context.Context, *cognito.CreateUserPoolClientInput, ...func(*cognito.Options)) (*cognito.CreateUserPoolClientOutput, error)
	UpdateUserPoolClient(context.Context, *cognito.UpdateUserPoolClientInput, ...func(*cognito.Options)) (*cognito.UpdateUserPoolClientOutput, error)
}

// provisionUserPools creates missing user pools and clients, which it identifies by name,
// and updates the settings of existing ones. It returns the ids that Cognito has
// generated, by logical id.
func provisionUserPools(ctx context.Context, t *sam.Template, api userPoolAPI) (map[string]string, error) {
	ids, pools := map[string]string{}, map[string]string{}
	for _, pool := range t.UserPools() {
		id, err := provisionUserPool(ctx, api, pool)
		if err != nil {
			return nil, fmt.Errorf("provision user pool %s: %w", aws.ToString(pool.Create.PoolName), err)
		}
		ids[pool.LogicalID], pools[pool.ID] = id, id
	}
	for _, client := range t.UserPoolClients() {
		in := *client.Create
		pool, ok := pools[aws.ToString(in.UserPoolId)]
		if !ok {
			return nil, fmt.Errorf("%s: the template has no user pool %q", client.LogicalID, aws.ToString(in.UserPoolId))
		}
		in.UserPoolId = aws.String(pool)
		id, err := provisionUserPoolClient(ctx, api, &in)
		if err != nil {
			return nil, fmt.Errorf("provision user pool client %s: %w", aws.ToString(in.ClientName), err)
		}
		ids[client.LogicalID] = id
	}
	return ids, nil
}

const listed = 60 // Cognito's largest page

func provisionUserPool(ctx context.Context, api userPoolAPI, pool sam.UserPool) (id string, err error) {
	pages := cognito.NewListUserPoolsPaginator(api, &cognito.ListUserPoolsInput{MaxResults: aws.Int32(listed)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return "", err
		}
		for _, found := range page.UserPools {
			if aws.ToString(found.Name) == aws.ToString(pool.Create.PoolName) {
				in := &cognito.UpdateUserPoolInput{}
				if err := copySettings(pool.Create, in); err != nil {
					return "", err
				}
				in.UserPoolId = found.Id
				_, err := api.UpdateUserPool(ctx, in)
				return aws.ToString(found.Id), err
			}
		}
	}
	created, err := api.CreateUserPool(ctx, pool.Create)
	if err != nil {
		return "", err
	}
	return aws.ToString(created.UserPool.Id), nil
}

func provisionUserPoolClient(ctx context.Context, api userPoolAPI, create *cognito.CreateUserPoolClientInput) (id string, err error) {
	pages := cognito.NewListUserPoolClientsPaginator(api, &cognito.ListUserPoolClientsInput{
		UserPoolId: create.UserPoolId, MaxResults: aws.Int32(listed),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return "", err
		}
		for _, found := range page.UserPoolClients {
			if aws.ToString(found.ClientName) == aws.ToString(create.ClientName) {
				in := &cognito.UpdateUserPoolClientInput{}
				if err := copySettings(create, in); err != nil {
					return "", err
				}
				in.ClientId = found.ClientId
				_, err := api.UpdateUserPoolClient(ctx, in)
				return aws.ToString(found.ClientId), err
			}
		}
	}
	created, err := api.CreateUserPoolClient(ctx, create)
	if err != nil {
		return "", err
	}
	return aws.ToString(created.UserPoolClient.ClientId), nil
}

// copySettings copies the fields that the inputs of a creation and of an update have in
// common.
func copySettings(from, to any) error {
	text, err := json.Marshal(from)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, to)
}
