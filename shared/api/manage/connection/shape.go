package connection

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/connection"
)

type (
	connectionShape struct {
		ID             string            `json:"id"`
		Type           string            `json:"type"`
		AgentID        string            `json:"agent_id"`
		Name           string            `json:"name"`
		Status         string            `json:"status"`
		DisabledReason *string           `json:"disabled_reason"` // null when it is not disabled
		Problem        *problemShape     `json:"problem"`         // null when none is known
		Verification   *verifiedShape    `json:"verification"`    // null when these credentials were not verified
		Identifiers    map[string]string `json:"identifiers"`
		Settings       settingsShape     `json:"settings"`
		WebhookURL     string            `json:"webhook_url"`
		Setup          []string          `json:"setup"`
		RotatedAt      string            `json:"credentials_rotated_at"`
		CreatedAt      string            `json:"created_at"`
		UpdatedAt      string            `json:"updated_at"`
	}
	verifiedShape struct {
		Passed    bool           `json:"passed"`
		CheckedAt string         `json:"checked_at"`
		Problems  []findingShape `json:"problems"`
	}
	findingShape struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Action  string `json:"action"`
	}
	problemShape struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Action  string `json:"action"`
		Since   string `json:"since"`
	}
	settingsShape struct {
		QuietSeconds    int            `json:"quiet_seconds"`
		UnsupportedText string         `json:"unsupported_text"`
		Fallback        *templateShape `json:"fallback_template"` // null when there is none
		PublicURL       *string        `json:"public_url"`        // null when it is the base URL
	}
	templateShape struct {
		Name       string `json:"name,omitempty"`
		Language   string `json:"language,omitempty"`
		ContentSID string `json:"content_sid,omitempty"`

		Variables map[string]string `json:"content_variables,omitempty"`
	}
)

// shapeOf returns how connections are shown by a deployment with the given base URL.
func shapeOf(base string) func(connection.Connection) connectionShape {
	return func(c connection.Connection) connectionShape {
		url := c.WebhookURL(base)
		s := connectionShape{
			ID: c.ID, Type: string(c.Channel), AgentID: c.AgentID, Name: c.Name, Status: string(c.Status()),
			DisabledReason: wire.Nullable(string(c.Reason)), Identifiers: c.Identifiers,
			Settings: settingsShape{
				QuietSeconds: c.Settings.QuietSeconds, UnsupportedText: c.Settings.UnsupportedText,
				Fallback: (*templateShape)(c.Settings.Fallback), PublicURL: wire.Nullable(c.Settings.PublicURL),
			},
			WebhookURL: url, Setup: c.Guide(url),
			RotatedAt: wire.Date(c.RotatedAt), CreatedAt: wire.Date(c.CreatedAt), UpdatedAt: wire.Date(c.UpdatedAt),
		}
		if p := c.Problem; p != nil {
			s.Problem = &problemShape{Code: p.Code, Message: p.Message, Action: p.Action, Since: wire.Date(p.Since)}
		}
		if v := c.Verification; v != nil {
			s.Verification = &verifiedShape{Passed: len(v.Problems) == 0, CheckedAt: wire.Date(v.At), Problems: []findingShape{}}
			for _, p := range v.Problems {
				s.Verification.Problems = append(s.Verification.Problems, findingShape{p.Code, p.Message, p.Action})
			}
		}
		return s
	}
}

// shown serves each request with the handler that is made for how connections are
// shown: their webhook URLs begin with the base URL of the request.
func shown(handler func(shape func(connection.Connection) connectionShape) http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler(shapeOf(wire.BaseURL(r.Context()))).ServeHTTP(w, r)
	})
}
