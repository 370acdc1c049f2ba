package dynamo

import "github.com/quintet-agents/quintet/shared/identity"

type orgRow struct {
	PK             string   `dynamodbav:"pk"`
	SK             string   `dynamodbav:"sk"`
	ID             string   `dynamodbav:"id"`
	Name           string   `dynamodbav:"name"`
	Email          string   `dynamodbav:"email"`
	AllowedOrigins []string `dynamodbav:"allowed_origins,omitempty"`
	CreatedAt      string   `dynamodbav:"created_at"`
	Agents         int      `dynamodbav:"agents"` // updated by the transactions that create and delete agents
	Owners         int      `dynamodbav:"owners"` // updated by the transactions that change owners
}

func (r orgRow) org() identity.Org {
	return identity.Org{ID: r.ID, Name: r.Name, Email: r.Email, AllowedOrigins: r.AllowedOrigins, CreatedAt: unstamp(r.CreatedAt)}
}
