package flowgent

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/ledger"
)

// UsageReader reads an agent's usage.
type UsageReader interface {
	agent.Reader
	AgentUsage(ctx context.Context, orgID, agentID, from, to string) ([]ledger.UsageRow, error)
}

type (
	usageShape struct {
		AgentID   string     `json:"agent_id"`
		TimeRange timeRange  `json:"time_range"`
		Usage     usageTotal `json:"usage"`
		Note      string     `json:"note,omitempty"`
	}
	timeRange struct {
		Start string `json:"start"`
		End   string `json:"end"`
	}
	usageTotal struct {
		TotalCreditsUsed json.Number `json:"total_credits_used"`
		DailyBreakdown   []dayShape  `json:"daily_breakdown"`
	}
	dayShape struct {
		Date        string      `json:"date"`
		CreditsUsed json.Number `json:"credits_used"`
	}
)

// note explains why days before usageBegan have no usage.
const note = "Endpoint active from 28 May 2025 onwards"

// UsageGet answers GET /api/public/agent/{agent_id}/usage: the cost of the agent's turns per day,
// newest first, including days without turns.
func UsageGet(auth wire.Authenticator, usage UsageReader, now func() time.Time) http.Handler {
	return wire.Handle(WriteError, wire.Authorized(auth, func(w http.ResponseWriter, r *http.Request, caller identity.Caller) error {
		ref, err := agentID(r)
		if err != nil {
			return err
		}
		live, err := agent.Find(r.Context(), usage, caller.OrgID, ref)
		if err != nil {
			return err
		}
		if err := caller.May(live.AgentID); err != nil {
			return err
		}
		span, err := readRange(r.URL.Query(), now())
		if err != nil {
			return err
		}
		rows, err := usage.AgentUsage(r.Context(), caller.OrgID, live.AgentID, ledger.Day(span.start), ledger.Day(span.end))
		if err != nil {
			return err
		}
		return wire.JSON(w, http.StatusOK, usageOf(live.AgentID, span, rows))
	}))
}

func usageOf(agentID string, span usageRange, rows []ledger.UsageRow) usageShape {
	used := map[string]ledger.Credits{}
	for _, row := range rows {
		if row.Charge > 0 && row.Day >= ledger.Day(usageBegan) {
			used[row.Day] = used[row.Day].Plus(row.Charge)
		}
	}
	s := usageShape{
		AgentID: agentID,
		TimeRange: timeRange{
			Start: span.start.Format("2006-01-02T15:04:05.000Z"), End: span.end.Add(day - time.Millisecond).Format("2006-01-02T15:04:05.000Z"),
		},
		Usage: usageTotal{DailyBreakdown: make([]dayShape, 0, span.days())},
	}
	if span.beforeBegin() {
		s.Note = note
	}
	var total ledger.Credits
	for date := span.end; !date.Before(span.start); date = date.Add(-day) {
		name := ledger.Day(date)
		total = total.Plus(used[name])
		s.Usage.DailyBreakdown = append(s.Usage.DailyBreakdown, dayShape{Date: name, CreditsUsed: used[name].Number()})
	}
	s.Usage.TotalCreditsUsed = total.Number()
	return s
}
