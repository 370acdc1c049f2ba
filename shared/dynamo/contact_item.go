package dynamo

import (
	"context"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/inbox"
)

type contactRow struct {
	PK string `dynamodbav:"pk"`
	SK string `dynamodbav:"sk"`

	ID          string `dynamodbav:"id"`
	OrgID       string `dynamodbav:"org_id"`
	Connection  string `dynamodbav:"connection_id"`
	Channel     string `dynamodbav:"channel"`
	Name        string `dynamodbav:"name,omitempty"`
	Address     string `dynamodbav:"address,omitempty"`
	UserID      string `dynamodbav:"user_id,omitempty"`
	ParentID    string `dynamodbav:"parent_id,omitempty"`
	Username    string `dynamodbav:"username,omitempty"`
	ProfileName string `dynamodbav:"profile_name,omitempty"`
	IDsAt       string `dynamodbav:"ids_at,omitempty"`
	OptedOut    bool   `dynamodbav:"opted_out,omitempty"`
	ConsentAt   string `dynamodbav:"consent_at,omitempty"`
	NoTemplates bool   `dynamodbav:"no_templates,omitempty"`
	LastSeen    string `dynamodbav:"last_seen,omitempty"`
	CreatedAt   string `dynamodbav:"created_at"`
	Revision    int64  `dynamodbav:"revision"`

	Began      []string `dynamodbav:"began,omitempty"`
	MergedInto string   `dynamodbav:"merged_into,omitempty"`
}

func contactRowOf(c inbox.Contact) contactRow {
	at := contactKey(c.OrgID, c.ID)
	r := contactRow{
		PK: at.pk, SK: at.sk, ID: c.ID, OrgID: c.OrgID, Connection: c.ConnectionID, Channel: string(c.Channel), Name: c.Name,
		Address: c.Person.Address, UserID: c.Person.UserID, ParentID: c.Person.ParentID, Username: c.Person.Username, ProfileName: c.Person.Name,
		OptedOut: c.OptedOut, NoTemplates: c.NoTemplates, CreatedAt: stamp(c.CreatedAt), Revision: c.Revision,
		MergedInto: c.MergedInto,
	}
	if !c.IDsAt.IsZero() {
		r.IDsAt = stamp(c.IDsAt)
	}
	if !c.LastSeen.IsZero() {
		r.LastSeen = stamp(c.LastSeen)
	}
	if !c.ConsentAt.IsZero() {
		r.ConsentAt = stamp(c.ConsentAt)
	}
	for _, at := range c.Began {
		r.Began = append(r.Began, stamp(at))
	}
	return r
}

func (r contactRow) contact() inbox.Contact {
	c := inbox.Contact{
		ID: r.ID, OrgID: r.OrgID, ConnectionID: r.Connection, Channel: connection.Channel(r.Channel), Name: r.Name,
		Person: channel.Person{Address: r.Address, UserID: r.UserID, ParentID: r.ParentID, Username: r.Username, Name: r.ProfileName},
		IDsAt:  unstamp(r.IDsAt), OptedOut: r.OptedOut, ConsentAt: unstamp(r.ConsentAt), NoTemplates: r.NoTemplates, LastSeen: unstamp(r.LastSeen), CreatedAt: unstamp(r.CreatedAt), Revision: r.Revision,
		MergedInto: r.MergedInto,
	}
	for _, at := range r.Began {
		c.Began = append(c.Began, unstamp(at))
	}
	return c
}

// Contact returns a contact, or the one that it was merged into, or ErrNoContact. No contact is
// merged into a merged one, so the search ends.
func (s *Store) Contact(ctx context.Context, orgID, id string) (inbox.Contact, error) {
	for {
		var r contactRow
		err := s.get(ctx, contactKey(orgID, id), &r, inbox.ErrNoContact)
		if err != nil || r.MergedInto == "" {
			return r.contact(), err
		}
		id = r.MergedInto
	}
}
