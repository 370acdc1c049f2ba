package sam

import (
	"encoding/json"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"
)

// Queue is an AWS::SQS::Queue.
type Queue struct {
	LogicalID  string
	Name       string
	Attributes map[string]string // in the form of SetQueueAttributes
}

// DefaultHidden is the default visibility timeout of a queue.
const DefaultHidden = 30 * time.Second

// VisibilityTimeout returns the visibility timeout of a queue: the time for which a
// received message is hidden.
func (t *Template) VisibilityTimeout(queue string) time.Duration {
	for _, q := range t.queues {
		if seconds, err := strconv.Atoi(q.Attributes["VisibilityTimeout"]); err == nil && q.Name == queue {
			return time.Duration(seconds) * time.Second
		}
	}
	return DefaultHidden
}

// queueAttributes has the properties that are queue attributes of the same name.
// Encryption and tags apply only in the cloud.
var queueAttributes = []string{
	"ContentBasedDeduplication", "DelaySeconds", "FifoQueue", "MaximumMessageSize",
	"MessageRetentionPeriod", "ReceiveMessageWaitTimeSeconds", "VisibilityTimeout",
}

func (t *Template) addQueue(resource *resourceNode) error {
	q := Queue{LogicalID: resource.id, Attributes: map[string]string{}}
	var err error
	if q.Name, err = t.resolver.name(resource); err != nil {
		return err
	}
	for _, name := range queueAttributes {
		if n := lookup(resource.properties, name); n != nil {
			if q.Attributes[name], err = t.resolver.text(n, resource.id+"."+name); err != nil {
				return err
			}
		}
	}
	if n := lookup(resource.properties, "RedrivePolicy"); n != nil {
		if q.Attributes["RedrivePolicy"], err = t.redrivePolicy(n, resource.id+".RedrivePolicy"); err != nil {
			return err
		}
	}
	t.queues = append(t.queues, q)
	return nil
}

func (t *Template) redrivePolicy(n *yaml.Node, at string) (string, error) {
	var policy struct {
		Target  string `yaml:"deadLetterTargetArn" json:"deadLetterTargetArn"`
		Maximum int    `yaml:"maxReceiveCount" json:"maxReceiveCount"`
	}
	if err := t.resolver.decode(n, at, &policy); err != nil {
		return "", err
	}
	if policy.Target == "" || policy.Maximum < 1 {
		return "", errorAt(n, at, "a redrive policy needs a deadLetterTargetArn and a maxReceiveCount")
	}
	text, err := json.Marshal(policy)
	return string(text), err
}
