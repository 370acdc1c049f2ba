package automation

import (
	"slices"
	"strings"
)

// ChainHeader is the header of a step's request that names the automations whose runs led to it,
// each started by a request of the one before. Runs keep it with the other headers of a webhook.
const ChainHeader = "Quintet-Chain"

// maxChain bounds the automations that a request names.
const maxChain = 30

// Chain returns the ChainHeader of the requests of a run of an automation.
func (p Position) Chain(automationID string) string {
	before, _ := Lookup(p.Data, "trigger.headers."+strings.ToLower(ChainHeader))
	text, _ := before.(string)
	chain := append(chainOf(text), automationID)
	return strings.Join(chain[max(0, len(chain)-maxChain):], ", ")
}

// Chained reports whether a request with the values of ChainHeader comes from a run that a request
// of an automation has started, at once or through others. Such a request starts no run of it, so
// that automations do not start themselves for ever.
func Chained(values []string, automationID string) bool {
	return slices.ContainsFunc(chainOf(strings.Join(values, ",")), func(id string) bool { return strings.EqualFold(id, automationID) })
}

// chainOf returns the ids of a ChainHeader. What cannot be an id is left out.
func chainOf(header string) []string {
	var ids []string
	for id := range strings.SplitSeq(header, ",") {
		if id = strings.TrimSpace(id); id != "" && len(id) <= maxID && strings.Trim(strings.ToLower(id), "abcdefghijklmnopqrstuvwxyz0123456789-") == "" {
			ids = append(ids, id)
		}
	}
	return ids
}
