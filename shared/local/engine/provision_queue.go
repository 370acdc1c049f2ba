package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quintet-agents/quintet/shared/local/sam"
)

// queueAdminAPI has the calls of SQS that provisioning needs.
type queueAdminAPI interface {
	GetQueueUrl(context.Context, *sqs.GetQueueUrlInput, ...func(*sqs.Options)) (*sqs.GetQueueUrlOutput, error)
	CreateQueue(context.Context, *sqs.CreateQueueInput, ...func(*sqs.Options)) (*sqs.CreateQueueOutput, error)
	SetQueueAttributes(context.Context, *sqs.SetQueueAttributesInput, ...func(*sqs.Options)) (*sqs.SetQueueAttributesOutput, error)
}

// provisionQueues creates all queues before it sets their attributes, because a redrive
// policy names another queue.
func provisionQueues(ctx context.Context, api queueAdminAPI, queues []sam.Queue) error {
	urls := map[string]*string{}
	for _, q := range queues {
		url, err := provisionQueue(ctx, api, q)
		if err != nil {
			return fmt.Errorf("provision queue %s: %w", q.Name, err)
		}
		urls[q.Name] = url
	}
	for _, q := range queues {
		attributes := maps.Clone(q.Attributes)
		delete(attributes, "FifoQueue") // cannot change after creation
		if len(attributes) == 0 {
			continue
		}
		in := &sqs.SetQueueAttributesInput{QueueUrl: urls[q.Name], Attributes: attributes}
		if _, err := api.SetQueueAttributes(ctx, in); err != nil {
			return fmt.Errorf("configure queue %s: %w", q.Name, err)
		}
	}
	return nil
}

func provisionQueue(ctx context.Context, api queueAdminAPI, q sam.Queue) (url *string, err error) {
	found, err := api.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: aws.String(q.Name)})
	if err == nil {
		return found.QueueUrl, nil
	}
	if _, ok := errors.AsType[*types.QueueDoesNotExist](err); !ok {
		return nil, err
	}
	in := &sqs.CreateQueueInput{QueueName: aws.String(q.Name)}
	if fifo, ok := q.Attributes["FifoQueue"]; ok {
		in.Attributes = map[string]string{"FifoQueue": fifo}
	}
	created, err := api.CreateQueue(ctx, in)
	if err != nil {
		return nil, err
	}
	return created.QueueUrl, nil
}
