package key

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/wiretest"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/identity"
)

// anyAgent is a Reader that has every agent.
type anyAgent struct{ asked []string }

func (a *anyAgent) Live(_ context.Context, _, idOrSlug string) (agent.Live, error) {
	a.asked = append(a.asked, idOrSlug)
	return agent.Live{AgentID: idOrSlug}, nil
}

var fuzzedAt = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// No body crashes the parser of new keys, and accepted values can be stored.
func FuzzKey(f *testing.F) {
	for _, seed := range []string{
		`{"name":"x","agent_id":"guide-0a1b2c","prefix":"fx"}`,
		`{"name":"\u2028","prefix":"op"}`,
		`[]`, "\xff",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		o, err := body.Read(httptest.NewRequest(http.MethodPost, "/", strings.NewReader(string(raw))))
		if err != nil {
			wiretest.WantShowable(t, err)
			return
		}
		agents := &anyAgent{}
		if k, err := readKey(t.Context(), o, agents, "org", fuzzedAt); err != nil {
			if !fault.Is(err, fault.NotFound) {
				wiretest.WantShowable(t, err)
			}
		} else {
			wiretest.WantText(t, k.Name, 4*identity.MaxName)
			if !identity.WellFormed(k.Secret) || !slices.Contains(identity.Prefixes, k.Prefix) {
				t.Errorf("got key %+v, want valid values", k)
			}
		}
		for _, asked := range agents.asked {
			wiretest.WantText(t, asked, 64)
		}
	})
}
