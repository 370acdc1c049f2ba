package dynamo

import (
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"

	"github.com/quintet-agents/quintet/shared/thread"
)

type threadRow struct {
	PK          string `dynamodbav:"pk"`
	SK          string `dynamodbav:"sk"`
	OrgPK       string `dynamodbav:"by_org_pk,omitempty"`
	OrgSK       string `dynamodbav:"by_org_sk,omitempty"`
	AgentPK     string `dynamodbav:"by_agent_pk,omitempty"`
	AgentSK     string `dynamodbav:"by_agent_sk,omitempty"`
	ID          string `dynamodbav:"id"`
	OrgID       string `dynamodbav:"org_id"`
	AgentID     string `dynamodbav:"agent_id"`
	Channel     string `dynamodbav:"channel,omitempty"`
	Title       string `dynamodbav:"title,omitempty"`
	Visitor     string `dynamodbav:"visitor,omitempty"`
	CreatedAt   string `dynamodbav:"created_at"`
	DeletedAt   string `dynamodbav:"deleted_at,omitempty"`   // set while the thread is deleted
	ForgottenAt string `dynamodbav:"forgotten_at,omitempty"` // time of the last deletion
}

// threadOf reads a thread's row. The error is NotFound for a thread that is deleted or only
// claimed.
func threadOf(it item) (thread.Thread, error) {
	var r threadRow
	if err := attributevalue.UnmarshalMap(it, &r); err != nil {
		return thread.Thread{}, err
	}
	return r.thread()
}

func (r threadRow) thread() (thread.Thread, error) {
	if r.DeletedAt != "" || r.AgentID == "" {
		return thread.Thread{}, thread.ErrNotFound
	}
	return thread.Thread{
		ID: r.ID, OrgID: r.OrgID, AgentID: r.AgentID, Channel: r.Channel, Title: r.Title, Visitor: json.RawMessage(r.Visitor),
		CreatedAt: unstamp(r.CreatedAt), Forgotten: unstamp(r.ForgottenAt),
	}, nil
}

// listedAt returns a thread's sort key in the lists: by creation, then by id.
func listedAt(createdAt, id string) string { return createdAt + "#" + id }
