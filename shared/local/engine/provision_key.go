package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/quintet-agents/quintet/shared/local/sam"
)

// keyAPI has the calls of KMS that provisioning needs.
type keyAPI interface {
	DescribeKey(context.Context, *kms.DescribeKeyInput, ...func(*kms.Options)) (*kms.DescribeKeyOutput, error)
	CreateKey(context.Context, *kms.CreateKeyInput, ...func(*kms.Options)) (*kms.CreateKeyOutput, error)
	CreateAlias(context.Context, *kms.CreateAliasInput, ...func(*kms.Options)) (*kms.CreateAliasOutput, error)
}

// provisionKeys creates missing keys and adds the ids that KMS has generated to chosen,
// by logical id. A key has no name, so an alias identifies it.
func provisionKeys(ctx context.Context, t *sam.Template, api keyAPI, chosen map[string]string) error {
	for _, key := range t.Keys() {
		id, err := provisionKey(ctx, api, "alias/local-"+key.LogicalID)
		if err != nil {
			return fmt.Errorf("provision key %s: %w", key.LogicalID, err)
		}
		chosen[key.LogicalID] = id
	}
	return nil
}

func provisionKey(ctx context.Context, api keyAPI, alias string) (id string, err error) {
	found, err := api.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: aws.String(alias)})
	if err == nil {
		return aws.ToString(found.KeyMetadata.KeyId), nil
	}
	if _, ok := errors.AsType[*types.NotFoundException](err); !ok {
		return "", err
	}
	created, err := api.CreateKey(ctx, &kms.CreateKeyInput{})
	if err != nil {
		return "", err
	}
	id = aws.ToString(created.KeyMetadata.KeyId)
	_, err = api.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: aws.String(alias), TargetKeyId: aws.String(id)})
	return id, err
}
