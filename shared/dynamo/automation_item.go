package dynamo

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/quintet-agents/quintet/shared/automation"
)

// automationRow is an automation with its definitions. due_pk and due exist while a schedule
// starts its runs.
type automationRow struct {
	PK    string `dynamodbav:"pk"`
	SK    string `dynamodbav:"sk"`
	DuePK string `dynamodbav:"due_pk,omitempty"`
	Due   int64  `dynamodbav:"due,omitempty"` // milliseconds

	ID        string        `dynamodbav:"id"`
	OrgID     string        `dynamodbav:"org_id"`
	Name      string        `dynamodbav:"name"`
	Draft     draftRow      `dynamodbav:"draft"`
	Published *publishedRow `dynamodbav:"published,omitempty"`
	Disabled  bool          `dynamodbav:"disabled,omitempty"`
	CreatedAt string        `dynamodbav:"created_at"`
	UpdatedAt string        `dynamodbav:"updated_at"`
	Revision  int64         `dynamodbav:"revision"`
}

// draftRow has a definition as JSON, and its trigger once more for lists.
type draftRow struct {
	Definition []byte            `dynamodbav:"definition,omitempty"` // lists do not read it
	Trigger    []byte            `dynamodbav:"trigger"`
	Secrets    map[string][]byte `dynamodbav:"secrets,omitempty"`
}

type publishedRow struct {
	draftRow

	Version int    `dynamodbav:"version"`
	At      string `dynamodbav:"at"`
}

func automationRowOf(a automation.Automation) (automationRow, error) {
	at := automationKey(a.OrgID, a.ID)
	draft, err := draftRowOf(a.Draft)
	if err != nil {
		return automationRow{}, err
	}
	row := automationRow{
		PK: at.pk, SK: at.sk, ID: a.ID, OrgID: a.OrgID, Name: a.Name, Draft: draft, Disabled: a.Disabled,
		CreatedAt: stamp(a.CreatedAt), UpdatedAt: stamp(a.UpdatedAt), Revision: a.Revision,
	}
	if !a.Due.IsZero() {
		row.DuePK, row.Due = dueSchedules, a.Due.UnixMilli()
	}
	if p := a.Published; p != nil {
		draft, err := draftRowOf(p.Draft)
		if err != nil {
			return automationRow{}, err
		}
		row.Published = &publishedRow{draft, p.Version, stamp(p.At)}
	}
	return row, nil
}

func draftRowOf(d automation.Draft) (draftRow, error) {
	definition, err := automation.Encode(d.Definition)
	if err != nil {
		return draftRow{}, err
	}
	trigger, err := json.Marshal(d.Trigger)
	return draftRow{Definition: definition, Trigger: trigger, Secrets: d.Secrets}, err
}

func (r draftRow) draft() (automation.Draft, error) {
	d := automation.Draft{Secrets: r.Secrets}
	if len(r.Definition) == 0 {
		return d, json.Unmarshal(r.Trigger, &d.Trigger)
	}
	return d, json.Unmarshal(r.Definition, &d.Definition)
}

func (r automationRow) automation() (automation.Automation, error) {
	a := automation.Automation{
		ID: r.ID, OrgID: r.OrgID, Name: r.Name, Disabled: r.Disabled,
		CreatedAt: unstamp(r.CreatedAt), UpdatedAt: unstamp(r.UpdatedAt), Revision: r.Revision,
	}
	var err error
	if a.Draft, err = r.Draft.draft(); err != nil {
		return a, fmt.Errorf("%w: draft of %s: %w", automation.ErrUnreadable, r.ID, err)
	}
	if r.Due != 0 {
		a.Due = time.UnixMilli(r.Due)
	}
	if r.Published != nil {
		a.Published = &automation.Published{Version: r.Published.Version, At: unstamp(r.Published.At)}
		if a.Published.Draft, err = r.Published.draft(); err != nil {
			return a, fmt.Errorf("%w: published definition of %s: %w", automation.ErrUnreadable, r.ID, err)
		}
	}
	return a, nil
}
