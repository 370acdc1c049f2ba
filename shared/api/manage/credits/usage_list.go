package credits

import (
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/ledger"
)

// UsageReader reads usage.
type UsageReader interface {
	Usage(ctx context.Context, orgID, from, to string) ([]ledger.UsageRow, error)
}

type (
	usageShape struct {
		From  string          `json:"from"`
		To    string          `json:"to"`
		Group []string        `json:"group"`
		Rows  []usageRowShape `json:"rows"`
		Total usageSum        `json:"total"`
	}
	usageRowShape struct {
		Day     string `json:"day,omitempty"`
		AgentID string `json:"agent_id,omitempty"`
		KeyID   string `json:"key_id,omitempty"`
		Channel string `json:"channel,omitempty"`
		Model   string `json:"model,omitempty"`
		usageSum
	}
	usageSum struct {
		Turns        int         `json:"turns"`
		InputTokens  int         `json:"input_tokens"`
		OutputTokens int         `json:"output_tokens"`
		Credits      json.Number `json:"credits"`
	}
)

func sumOf(u ledger.Usage) usageSum {
	return usageSum{Turns: u.Turns, InputTokens: u.Input, OutputTokens: u.Output, Credits: u.Charge.Number()}
}

// groups has the keys by which usage can be grouped, with the function that copies each key.
var groups = map[string]func(from ledger.UsageOf, to *ledger.UsageOf){
	"day":     func(from ledger.UsageOf, to *ledger.UsageOf) { to.Day = from.Day },
	"agent":   func(from ledger.UsageOf, to *ledger.UsageOf) { to.AgentID = from.AgentID },
	"key":     func(from ledger.UsageOf, to *ledger.UsageOf) { to.KeyID = from.KeyID },
	"channel": func(from ledger.UsageOf, to *ledger.UsageOf) { to.Channel = from.Channel },
	"model":   func(from ledger.UsageOf, to *ledger.UsageOf) { to.Model = from.Model },
}

// maxUsageDays bounds the days of one request.
const maxUsageDays = 93

// UsageList answers GET /usage: the usage of the org's settled turns in the days from `from` to
// `to`, grouped by one or more of day, agent, key, channel and model. The default is the last seven
// days, including today.
func UsageList(auth wire.Authenticator, usage UsageReader, now func() time.Time) http.Handler {
	return frame.Read(auth, identity.Caller.MayManage, func(r *http.Request, caller identity.Caller) (usageShape, error) {
		from, to, err := readDays(r, now())
		if err != nil {
			return usageShape{}, err
		}
		by, err := readGroups(r)
		if err != nil {
			return usageShape{}, err
		}
		rows, err := usage.Usage(r.Context(), caller.OrgID, from, to)
		if err != nil {
			return usageShape{}, err
		}
		s := usageShape{From: from, To: to, Group: by}
		var total ledger.Usage
		if s.Rows, total = grouped(rows, by); total.Saturated() {
			slog.WarnContext(r.Context(), "usage is beyond the numbers: the answer has the largest there is", "org_id", caller.OrgID, "from", from, "to", to)
		}
		s.Total = sumOf(total)
		return s, nil
	})
}

func readDays(r *http.Request, now time.Time) (from, to string, err error) {
	end, err := frame.QueryDay(r, "to", now)
	if err != nil {
		return "", "", err
	}
	start, err := frame.QueryDay(r, "from", end.AddDate(0, 0, -6))
	if err != nil {
		return "", "", err
	}
	switch days := int(end.Sub(start)/(24*time.Hour)) + 1; {
	case end.Before(start):
		return "", "", fault.Field("from", "from must not be after to")
	case days > maxUsageDays:
		return "", "", fault.Field("from", "from must be at most %d days before to", maxUsageDays-1)
	}
	return ledger.Day(start), ledger.Day(end), nil
}

func readGroups(r *http.Request) ([]string, error) {
	q := r.URL.Query()
	if !q.Has("group") {
		return []string{"day"}, nil
	}
	by := strings.Split(q.Get("group"), ",")
	for i, name := range by {
		if groups[name] == nil || slices.Contains(by[:i], name) {
			return nil, fault.Field("group", "group must be one or more of day, agent, key, channel and model, separated by commas")
		}
	}
	return by, nil
}

// grouped returns the sums of rows by the given groups, sorted by the groups in their order.
func grouped(rows []ledger.UsageRow, by []string) ([]usageRowShape, ledger.Usage) {
	sums := map[ledger.UsageOf]ledger.Usage{}
	var total ledger.Usage
	for _, row := range rows {
		if row.Usage == (ledger.Usage{}) {
			continue // a repair has set it to zero
		}
		var of ledger.UsageOf
		for _, name := range by {
			groups[name](row.UsageOf, &of)
		}
		sums[of] = sums[of].Plus(row.Usage)
		total = total.Plus(row.Usage)
	}
	keys := slices.SortedFunc(maps.Keys(sums), func(a, b ledger.UsageOf) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.AgentID, b.AgentID), cmp.Compare(a.KeyID, b.KeyID),
			cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Model, b.Model))
	})
	shapes := make([]usageRowShape, 0, len(keys))
	for _, of := range keys {
		shapes = append(shapes, usageRowShape{
			Day: of.Day, AgentID: of.AgentID, KeyID: of.KeyID, Channel: of.Channel, Model: of.Model, usageSum: sumOf(sums[of]),
		})
	}
	return shapes, total
}
