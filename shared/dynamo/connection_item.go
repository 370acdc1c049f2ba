package dynamo

import "github.com/quintet-agents/quintet/shared/connection"

type connectionRow struct {
	PK          string            `dynamodbav:"pk"`
	SK          string            `dynamodbav:"sk"`
	ID          string            `dynamodbav:"id"`
	OrgID       string            `dynamodbav:"org_id"`
	AgentID     string            `dynamodbav:"agent_id"`
	Channel     string            `dynamodbav:"channel"`
	Name        string            `dynamodbav:"name"`
	Identifiers map[string]string `dynamodbav:"identifiers"`
	Settings    settingsRow       `dynamodbav:"settings"`
	Disabled    bool              `dynamodbav:"disabled,omitempty"`
	Reason      string            `dynamodbav:"reason,omitempty"`
	Stopped     bool              `dynamodbav:"stopped,omitempty"` // for the filter of the table's stream
	Problem     *problemRow       `dynamodbav:"problem,omitempty"`
	Verified    *verifiedRow      `dynamodbav:"verified,omitempty"`
	Credentials int               `dynamodbav:"credentials"`
	RotatedAt   string            `dynamodbav:"rotated_at"`
	CreatedAt   string            `dynamodbav:"created_at"`
	UpdatedAt   string            `dynamodbav:"updated_at"`
	Revision    int64             `dynamodbav:"revision"`
}

type settingsRow struct {
	QuietSeconds    int          `dynamodbav:"quiet_seconds"`
	UnsupportedText string       `dynamodbav:"unsupported_text"`
	Fallback        *templateRow `dynamodbav:"fallback_template,omitempty"`
	PublicURL       string       `dynamodbav:"public_url,omitempty"`
}

type templateRow struct {
	Name       string `dynamodbav:"name,omitempty"`
	Language   string `dynamodbav:"language,omitempty"`
	ContentSID string `dynamodbav:"content_sid,omitempty"`

	Variables map[string]string `dynamodbav:"variables,omitempty"`
}

type verifiedRow struct {
	ID       string       `dynamodbav:"id"`
	At       string       `dynamodbav:"at"`
	Problems []problemRow `dynamodbav:"problems,omitempty"`
}

func verifiedRowOf(v *connection.Verification) *verifiedRow {
	if v == nil {
		return nil
	}
	r := &verifiedRow{ID: v.ID, At: stamp(v.At)}
	for _, p := range v.Problems {
		r.Problems = append(r.Problems, problemRow{Code: p.Code, Message: p.Message, Action: p.Action})
	}
	return r
}

func (r *verifiedRow) verification() *connection.Verification {
	if r == nil {
		return nil
	}
	v := &connection.Verification{ID: r.ID, At: unstamp(r.At)}
	for _, p := range r.Problems {
		v.Problems = append(v.Problems, connection.Problem{Code: p.Code, Message: p.Message, Action: p.Action})
	}
	return v
}

type problemRow struct {
	Code    string `dynamodbav:"code"`
	Message string `dynamodbav:"message"`
	Action  string `dynamodbav:"action"`
	Since   string `dynamodbav:"since"`
}

// credentialsRow has the sealed secrets of a connection by their names.
type credentialsRow struct {
	PK     string            `dynamodbav:"pk"`
	SK     string            `dynamodbav:"sk"`
	Sealed map[string][]byte `dynamodbav:"sealed"`
}

func connectionRowOf(c connection.Connection) connectionRow {
	at := connectionKey(c.OrgID, c.ID)
	r := connectionRow{
		PK: at.pk, SK: at.sk, ID: c.ID, OrgID: c.OrgID, AgentID: c.AgentID, Channel: string(c.Channel), Name: c.Name,
		Identifiers: c.Identifiers, Disabled: c.Disabled, Reason: string(c.Reason), Stopped: c.Stops(), Credentials: c.Credentials,
		Verified: verifiedRowOf(c.Verification),
		Settings: settingsRow{
			QuietSeconds: c.Settings.QuietSeconds, UnsupportedText: c.Settings.UnsupportedText,
			Fallback: (*templateRow)(c.Settings.Fallback), PublicURL: c.Settings.PublicURL,
		},
		RotatedAt: stamp(c.RotatedAt), CreatedAt: stamp(c.CreatedAt), UpdatedAt: stamp(c.UpdatedAt), Revision: c.Revision,
	}
	if p := c.Problem; p != nil {
		r.Problem = &problemRow{Code: p.Code, Message: p.Message, Action: p.Action, Since: stamp(p.Since)}
	}
	return r
}

func (r connectionRow) connection() connection.Connection {
	c := connection.Connection{
		ID: r.ID, OrgID: r.OrgID, AgentID: r.AgentID, Channel: connection.Channel(r.Channel), Name: r.Name,
		Identifiers: r.Identifiers, Disabled: r.Disabled, Reason: connection.Reason(r.Reason), Credentials: r.Credentials,
		Verification: r.Verified.verification(),
		Settings: connection.Settings{
			QuietSeconds: r.Settings.QuietSeconds, UnsupportedText: r.Settings.UnsupportedText,
			Fallback: (*connection.Template)(r.Settings.Fallback), PublicURL: r.Settings.PublicURL,
		},
		RotatedAt: unstamp(r.RotatedAt), CreatedAt: unstamp(r.CreatedAt), UpdatedAt: unstamp(r.UpdatedAt), Revision: r.Revision,
	}
	if p := r.Problem; p != nil {
		c.Problem = &connection.Problem{Code: p.Code, Message: p.Message, Action: p.Action, Since: unstamp(p.Since)}
	}
	return c
}

func credentialsRowOf(orgID, id string, sealed connection.Sealed) credentialsRow {
	at := credentialsKey(orgID, id)
	return credentialsRow{PK: at.pk, SK: at.sk, Sealed: sealed}
}
